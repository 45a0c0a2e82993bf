using Ducts.Dispatch.Errors;
using Ducts.MessagePack;
using Ducts.Protocol;

namespace Ducts.Dispatch.Binding.Parameters;

/// <summary>An argument: read from the request's data.</summary>
internal class DataParameter<T>(ArgumentTraits<T> traits, MessagePackConverter<T> converter) : Parameter<T>
{
    private readonly int _index = traits.Index;

    protected ArgumentTraits<T> Traits => traits;

    public override bool TryGet(ref ArgumentFrame frame, out T value)
    {
        var bytes = frame[_index];
        return bytes.IsEmpty ? TryGetAbsent(ref frame, out value) : TryRead(ref frame, bytes, out value);
    }

    protected virtual bool TryGetAbsent(ref ArgumentFrame frame, out T value)
    {
        value = traits.Default;
        return traits.HasDefault || traits.AcceptsNull || frame.Fail(ErrorNames.Type, BindingText.Missing(traits.Name.Text));
    }

    protected bool TryRead(ref ArgumentFrame frame, ReadOnlySpan<byte> bytes, out T value) =>
        TryConvert(bytes, frame.IsWhole, out value, out var problem)
        || frame.Fail(problem.Name, problem.Message);

    /// <summary>Converts without telling the target.</summary>
    /// <param name="bytes">Start with the value.</param>
    /// <param name="isRoot">Whether paths in messages begin at the value itself rather than at the argument's name.</param>
    /// <param name="value">The value.</param>
    /// <param name="problem">What is wrong, when the result is false.</param>
    protected bool TryConvert(ReadOnlySpan<byte> bytes, bool isRoot, out T value, out EventError problem)
    {
        problem = default;
        var reader = new MessagePackReader(bytes);
        if (!traits.ReadsNull && reader.TryReadNil() == MessagePackStatus.Ok)
        {
            if (traits.AcceptsNull)
            {
                value = default!;
                return true;
            }

            // Callers without optional arguments write null for one they leave out.
            value = traits.Default;
            if (traits.HasDefault)
                return true;
            if (traits.Expected is null)
                return TryConvertPresent(bytes, isRoot, out value, out problem);
            problem = new(ErrorNames.Type, BindingText.Mismatch(traits.Name.Text, traits.Expected, BindingText.Kind(MessagePackKind.Nil)));
            return false;
        }

        return TryConvertPresent(bytes, isRoot, out value, out problem);
    }

    private bool TryConvertPresent(ReadOnlySpan<byte> bytes, bool isRoot, out T value, out EventError problem)
    {
        problem = default;
        var reader = new MessagePackReader(bytes);
        if (converter.TryRead(ref reader, out value!, out var error))
            return true;
        problem = ReadProblem.Of(error, traits.Name.Text, isRoot);
        return false;
    }
}
