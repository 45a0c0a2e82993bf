using System.Diagnostics.CodeAnalysis;
using System.Text.Unicode;

namespace Ducts.MessagePack.Contracts;

/// <summary>
/// Finds members by the bytes of their names: at once when they come in the type's own order, as most clients send them;
/// exactly; and else in any case and without underscores, which covers camelCase, snake_case and PascalCase.
/// </summary>
internal sealed class MemberTable<TOwner>
{
    private readonly Member<TOwner>[] _members;
    private readonly Dictionary<byte[], Member<TOwner>>.AlternateLookup<ReadOnlySpan<byte>> _exact;
    private readonly Dictionary<byte[], Member<TOwner>>.AlternateLookup<ReadOnlySpan<byte>> _loose;

    public MemberTable(Member<TOwner>[] members)
    {
        _members = members;
        var exact = new Dictionary<byte[], Member<TOwner>>(members.Length, NameComparer.Exact);
        var loose = new Dictionary<byte[], Member<TOwner>>(members.Length, NameComparer.Loose);
        var ambiguous = new List<byte[]>();
        foreach (var member in members)
        {
            exact.TryAdd(member.Utf8Name, member);
            if (!loose.TryAdd(member.Utf8Name, member))
                ambiguous.Add(member.Utf8Name);
        }

        // Two members that differ in case only are found by their exact names.
        foreach (var name in ambiguous)
            loose.Remove(name);
        _exact = exact.GetAlternateLookup<ReadOnlySpan<byte>>();
        _loose = loose.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>Finds a member.</summary>
    /// <param name="name">The name's bytes.</param>
    /// <param name="expected">The index after that of the member found last; set to the next.</param>
    /// <param name="member">The member.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryFind(ReadOnlySpan<byte> name, ref int expected, [NotNullWhen(true)] out Member<TOwner>? member)
    {
        if ((uint)expected < (uint)_members.Length && name.SequenceEqual(_members[expected].Utf8Name))
        {
            member = _members[expected++];
            return true;
        }

        if (!_exact.TryGetValue(name, out member) && !_loose.TryGetValue(name, out member) && !TryFindDecoded(name, out member))
            return false;
        expected = Array.IndexOf(_members, member) + 1;
        return true;
    }

    /// <summary>A name in overlong UTF-8, as the JavaScript client writes some characters.</summary>
    private bool TryFindDecoded(ReadOnlySpan<byte> name, [NotNullWhen(true)] out Member<TOwner>? member)
    {
        member = null;
        if (Utf8.IsValid(name))
            return false;
        var decoded = System.Text.Encoding.UTF8.GetBytes(LenientUtf8.GetString(name));
        return _exact.TryGetValue(decoded, out member) || _loose.TryGetValue(decoded, out member);
    }
}
