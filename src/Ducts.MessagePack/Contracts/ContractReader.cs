using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Ducts.MessagePack.Converters;

namespace Ducts.MessagePack.Contracts;

/// <summary>Reads maps into records, classes and structs.</summary>
internal sealed class ContractReader<T>
{
    private readonly JsonTypeInfo<T> _info;
    private readonly PackSerializerOptions _options;
    private readonly Member<T>[] _members;
    private readonly MemberTable<T> _table;
    private readonly ExtensionData? _extension;
    private readonly bool _hasRequired;
    private readonly bool _refusesUnknown;
    private readonly ParameterizedConstructor<T>? _constructor;
    private readonly Func<T>? _create;

    public ContractReader(JsonTypeInfo<T> info, Member<T>[] members, ExtensionData? extension, PackSerializerOptions options)
    {
        _info = info;
        _options = options;
        _members = members;
        _table = new MemberTable<T>(members);
        _extension = extension;
        _hasRequired = Array.Exists(members, static member => member.IsRequired);
        _refusesUnknown = (info.UnmappedMemberHandling ?? options.Json.UnmappedMemberHandling) == JsonUnmappedMemberHandling.Disallow;

        // The contract's delegate would box a struct that has no constructor to run.
        _create = options.HasPlainContracts && typeof(T).IsValueType && typeof(T).GetConstructor(Type.EmptyTypes) is null && info.CreateObject is not null
            ? static () => default!
            : info.CreateObject;
        if (_create is null)
            _constructor = ParameterizedConstructor<T>.Find(info, members);
    }

    public bool TryRead(ref PackReader reader, scoped ReadOnlySpan<byte> ignoredName, out T? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = default;
        error = null;
        if (_create is null && _constructor is null)
        {
            error = MessagePackReadError.At(reader, $"a type that can be made, which {typeof(T).Name} cannot: it has no constructor whose parameters are members");
            return false;
        }

        if (reader.TryReadMapHeader(out var count) != MessagePackStatus.Ok)
        {
            error = MessagePackReadError.At(reader, "a map");
            return false;
        }

        if (!Nesting.TryEnter(ref reader, _options, out error))
            return false;
        var done = _constructor is null
            ? TryReadMembers(ref reader, count, ignoredName, out value, out error)
            : TryReadArguments(_constructor, ref reader, count, ignoredName, out value, out error);
        reader.Depth--;
        if (!done)
            value = default;
        return done;
    }

    private bool TryReadMembers(ref PackReader reader, int count, scoped ReadOnlySpan<byte> ignoredName, out T? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        error = null;
        var owner = _create!();
        value = owner;
        _info.OnDeserializing?.Invoke(owner!);
        var isRead = _members.Length <= 64 ? stackalloc bool[64] : new bool[_members.Length];
        var expected = 0;
        var hasIgnored = false;
        for (var i = 0; i < count; i++)
        {
            if (!TryReadName(ref reader, ref expected, out var member, out var name, out error))
                return false;
            if (member is null)
            {
                if (!TryReadUnknown(ref reader, name, ignoredName, ref hasIgnored, owner, out error))
                    return false;
                continue;
            }

            if (isRead[member.Index])
            {
                error = UniqueKeys.Error(member.Name);
                return false;
            }

            isRead[member.Index] = true;
            if (!member.CanRead)
            {
                if (!RawValue.TrySkip(ref reader, _options, out error))
                    return false;
            }
            else if (!member.TryRead(ref reader, ref owner, out error))
            {
                return false;
            }
        }

        if (_hasRequired)
        {
            foreach (var member in _members)
            {
                if (member.IsRequired && !isRead[member.Index])
                    return FailMissing(member, out error);
            }
        }

        _info.OnDeserialized?.Invoke(owner!);
        value = owner;
        error = null;
        return true;
    }

    private bool TryReadArguments(
        ParameterizedConstructor<T> constructor, ref PackReader reader, int count, scoped ReadOnlySpan<byte> ignoredName, out T? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        value = default;
        var slots = constructor.RentSlots();
        try
        {
            List<(byte[] Name, byte[] Value)>? unknown = null;
            var expected = 0;
            var hasIgnored = false;
            for (var i = 0; i < count; i++)
            {
                if (!TryReadName(ref reader, ref expected, out var member, out var name, out error))
                    return false;
                if (member is { CanRead: true })
                {
                    if (slots[member.Index].IsSet)
                    {
                        error = UniqueKeys.Error(member.Name);
                        return false;
                    }

                    if (!member.TryReadInto(slots[member.Index], ref reader, out error))
                        return false;
                }
                else if (member is null && _extension is not null && (ignoredName.IsEmpty || !name.SequenceEqual(ignoredName)))
                {
                    if (!RawValue.TryRead(ref reader, _options, out var raw, out error))
                        return false;
                    (unknown ??= []).Add((name.ToArray(), raw.ToArray()));
                }
                else if (member is null ? !TryReadUnknown(ref reader, name, ignoredName, ref hasIgnored, default, out error) : !RawValue.TrySkip(ref reader, _options, out error))
                {
                    return false;
                }
            }

            foreach (var member in _members)
            {
                if (member.IsRequired && !slots[member.Index].IsSet)
                    return FailMissing(member, out error);
            }

            return TryFinish(constructor.Invoke(slots), slots, unknown, out value, out error);
        }
        finally
        {
            constructor.ReturnSlots(slots);
        }
    }

    private bool TryFinish(T owner, Slot[] slots, List<(byte[] Name, byte[] Value)>? unknown, out T? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        error = null;
        value = owner;
        _info.OnDeserializing?.Invoke(owner!);
        foreach (var member in _members)
        {
            if (member.ParameterIndex < 0 && slots[member.Index].IsSet)
                member.Apply(slots[member.Index], ref owner);
        }

        if (unknown is not null)
        {
            object boxed = owner!;
            foreach (var (name, packed) in unknown)
            {
                var reader = new PackReader(packed);
                if (!_extension!.TryAdd(boxed, name, ref reader, out error))
                    return false;
            }

            owner = (T)boxed;
        }

        _info.OnDeserialized?.Invoke(owner!);
        value = owner;
        return true;
    }

    private bool TryReadName(ref PackReader reader, ref int expected, out Member<T>? member, out ReadOnlySpan<byte> name, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        member = null;
        error = null;
        if (reader.TryReadStringBytes(out name) == MessagePackStatus.Ok)
        {
            _ = _table.TryFind(name, ref expected, out member);
            return true;
        }

        // A key of another kind names no member.
        if (!RawValue.TryRead(ref reader, _options, out var raw, out error))
            return false;
        var key = new PackReader(raw);
        name = System.Text.Encoding.UTF8.GetBytes(KeyText.Read(ref key));
        return true;
    }

    private bool TryReadUnknown(ref PackReader reader, scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> ignoredName, ref bool hasIgnored, T? owner, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        if (!ignoredName.IsEmpty && name.SequenceEqual(ignoredName))
        {
            if (hasIgnored)
            {
                error = UniqueKeys.Error(LenientUtf8.GetString(name));
                return false;
            }

            hasIgnored = true;
            return RawValue.TrySkip(ref reader, _options, out error);
        }

        if (_extension is not null)
            return _extension.TryAdd(owner!, name, ref reader, out error);
        if (!_refusesUnknown)
            return RawValue.TrySkip(ref reader, _options, out error);
        error = new MessagePackReadError("", $"no member '{LenientUtf8.GetString(name)}'", "one");
        return false;
    }

    private static bool FailMissing(Member<T> member, out MessagePackReadError error)
    {
        error = new MessagePackReadError("", $"the member '{member.Name}'", "a map without it");
        return false;
    }
}
