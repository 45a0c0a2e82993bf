using System.Collections.Concurrent;
using Ducts.MessagePack;

namespace Ducts.Dispatch.Binding.Results;

/// <summary>A result declared as <c>object</c>: its run-time type decides.</summary>
// Threading: writers by type are made once and kept; two threads may make the same one, either is good. They live as long
// as the invoker, so types of a handler that is unloaded are not held.
internal sealed class ObjectResult(ResultWriterFactory factory, MessagePackConverter<object> converter) : ResultWriter<object?>
{
    private readonly ConcurrentDictionary<Type, ResultWriter?> _writers = new();

    public override void Write(IInvocationTarget target, object? value)
    {
        if (value is null)
        {
            target.ReplyNull();
            return;
        }

        if (!_writers.TryGetValue(value.GetType(), out var writer))
            writer = _writers.GetOrAdd(value.GetType(), factory.ForRunTimeType(value.GetType()));
        if (writer is null)
            target.Reply(value, converter);
        else
            writer.WriteObject(target, value);
    }
}
