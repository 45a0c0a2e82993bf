using System.Diagnostics.CodeAnalysis;
using Ducts.MessagePack;
using Ducts.Protocol;

namespace Ducts.Dispatch.Binding.Parameters;

/// <summary>Reads one argument from a request's data.</summary>
/// <typeparam name="T">The parameter's type.</typeparam>
// Threading: immutable.
internal abstract class Argument<T>
{
    /// <summary>Gets the value; false when there is none that fits, which the target has then been told.</summary>
    public abstract bool TryGet(ref ArgumentFrame frame, out T value);
}

/// <summary>Which argument of a handler to read.</summary>
/// <param name="Shape">What the handler declares of it.</param>
/// <param name="Index">Its place among the arguments.</param>
/// <param name="Expected">What a null is told it should have been; null where the converter knows.</param>
internal readonly record struct ArgumentPlace(ParameterShape Shape, int Index, string? Expected);

/// <summary>An argument with a place of its own: by name, or by position.</summary>
internal class DataArgument<T>(ArgumentPlace place, PackConverter<T> converter) : Argument<T>
{
    private readonly int _index = place.Index;
    private readonly string _name = place.Shape.Name.Text;
    private readonly string? _expected = place.Expected;
    private readonly bool _acceptsNull = place.Shape.AcceptsNull;
    private readonly bool _hasDefault = place.Shape.HasDefault;
    private readonly T? _default = place.Shape.DefaultOf<T>();

    // Some types hold null as a value of their own, as JsonElement does.
    private readonly bool _readsNull = ArgumentKinds.HoldsNull(typeof(T));

    public override bool TryGet(ref ArgumentFrame frame, out T value)
    {
        var bytes = frame[_index];
        return bytes.IsEmpty ? TryGetAbsent(ref frame, out value) : TryRead(ref frame, bytes, out value);
    }

    protected virtual bool TryGetAbsent(ref ArgumentFrame frame, out T value)
    {
        value = _default!;
        return _hasDefault || _acceptsNull || frame.Fail(ErrorNames.Type, BindingText.Missing(_name));
    }

    protected bool TryRead(ref ArgumentFrame frame, ReadOnlySpan<byte> bytes, out T value) =>
        TryConvert(bytes, out value, out var error) || Fail(ref frame, error, frame.IsWhole);

    /// <summary>Tells the target why the argument could not be read.</summary>
    /// <param name="frame">The call's arguments.</param>
    /// <param name="error">What is wrong.</param>
    /// <param name="isRoot">Whether the error's path begins at the data's root, rather than at the argument.</param>
    protected bool Fail(ref ArgumentFrame frame, MessagePackReadError error, bool isRoot) =>
        frame.Fail(BindingText.Unreadable(error, _name, isRoot));

    /// <summary>Converts the value that the bytes start with, without telling the target.</summary>
    protected bool TryConvert(ReadOnlySpan<byte> bytes, out T value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        var reader = new PackReader(bytes);
        if (!_readsNull && reader.TryReadNil() == MessagePackStatus.Ok)
        {
            // Callers without optional arguments write null for one they leave out.
            value = _acceptsNull ? default! : _default!;
            error = null;
            if (_acceptsNull || _hasDefault)
                return true;
            reader = new PackReader(bytes);
            if (_expected is not null)
            {
                error = MessagePackReadError.At(reader, _expected);
                return false;
            }
        }

        return converter.TryRead(ref reader, out value!, out error);
    }
}

/// <summary>
/// The only argument, of a record or class type: the whole data. A map whose one name is the argument's is the record only
/// if that has a member of this name, and fits; else the argument is meant by name.
/// </summary>
internal sealed class RecordArgument<T>(ArgumentPlace place, PackConverter<T> converter, bool hasOwnName)
    : DataArgument<T>(place, converter)
{
    public override bool TryGet(ref ArgumentFrame frame, out T value)
    {
        if (frame.WrappedAt == 0)
            return base.TryGet(ref frame, out value);
        var wrapped = frame.Data[frame.WrappedAt..];
        if (!hasOwnName)
            return TryConvert(wrapped, out value, out var error) || Fail(ref frame, error, isRoot: false);
        return TryConvert(frame.Data, out value, out var first)
            || TryConvert(wrapped, out value, out _)
            || Fail(ref frame, first, isRoot: true);
    }
}
