using Ducts.MessagePack;

namespace Ducts.Dispatch.Binding.Parameters;

/// <summary>
/// The only argument, of a record or class type: the whole data. A map whose one name is the argument's may mean either
/// the record or, by name, the argument. The record has a member of that name: the first is tried before the second;
/// it has none: the second before the first.
/// </summary>
internal sealed class RecordParameter<T>(ArgumentTraits<T> traits, MessagePackConverter<T> converter, bool hasOwnName)
    : DataParameter<T>(traits, converter)
{
    public override bool TryGet(ref ArgumentFrame frame, out T value)
    {
        if (frame.WrappedAt == 0)
            return base.TryGet(ref frame, out value);
        var wrapped = frame.Data[frame.WrappedAt..];
        if (TryConvert(hasOwnName ? frame.Data : wrapped, hasOwnName, out value, out var problem)
            || TryConvert(hasOwnName ? wrapped : frame.Data, !hasOwnName, out value, out _))
        {
            return true;
        }

        return frame.Fail(problem.Name, problem.Message);
    }
}
