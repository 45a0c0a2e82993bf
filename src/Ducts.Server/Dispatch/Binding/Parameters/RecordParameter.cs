using Ducts.MessagePack;

namespace Ducts.Dispatch.Binding.Parameters;

/// <summary>
/// The only argument, of a record or class type: the whole data. A map whose one name is the argument's is the record only
/// if that has a member of this name, and fits; else the argument is meant by name.
/// </summary>
internal sealed class RecordParameter<T>(ArgumentTraits<T> traits, MessagePackConverter<T> converter, bool hasOwnName)
    : DataParameter<T>(traits, converter)
{
    public override bool TryGet(ref ArgumentFrame frame, out T value)
    {
        if (frame.WrappedAt == 0)
            return base.TryGet(ref frame, out value);
        var wrapped = frame.Data[frame.WrappedAt..];
        if (!hasOwnName)
            return TryConvert(wrapped, isRoot: false, out value, out var problem) || frame.Fail(problem.Name, problem.Message);
        return TryConvert(frame.Data, isRoot: true, out value, out var first)
            || TryConvert(wrapped, isRoot: false, out value, out _)
            || frame.Fail(first.Name, first.Message);
    }
}
