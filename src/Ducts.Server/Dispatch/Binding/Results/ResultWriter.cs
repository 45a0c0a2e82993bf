using System.Collections.Concurrent;
using Ducts.MessagePack;

namespace Ducts.Dispatch.Binding.Results;

/// <summary>Hands on what a handler returned, in the way its declared type asks for.</summary>
internal abstract class ResultWriter
{
    public abstract void WriteObject(IInvocationTarget target, object? value);
}

/// <inheritdoc cref="ResultWriter"/>
/// <typeparam name="T">The declared type.</typeparam>
internal abstract class ResultWriter<T> : ResultWriter
{
    public abstract void Write(IInvocationTarget target, T value);

    public sealed override void WriteObject(IInvocationTarget target, object? value) => Write(target, (T)value!);
}

/// <summary>One reply that is the value itself.</summary>
internal sealed class ValueResult<T>(PackConverter<T> converter) : ResultWriter<T>
{
    public PackConverter<T> Converter { get; } = converter;

    public override void Write(IInvocationTarget target, T value) => target.Reply(value, Converter);
}

/// <summary>A result declared as <c>object</c>: its run-time type decides.</summary>
// Threading: writers by type are made once and kept; two threads may make the same one, either is good. They live as long
// as the compiled call, so types of a handler that is unloaded are not held.
internal sealed class ObjectResult(ResultWriterFactory factory, PackConverter<object> converter) : ResultWriter<object?>
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
