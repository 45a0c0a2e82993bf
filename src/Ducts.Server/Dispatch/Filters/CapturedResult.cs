using Ducts.Dispatch.Binding;
using Ducts.MessagePack;

namespace Ducts.Dispatch.Filters;

/// <summary>What a handler returned, and how its declared type asks for it to be sent.</summary>
internal abstract class CapturedResult
{
    /// <summary>Gets what filters see.</summary>
    public abstract object? Value { get; }

    /// <summary>Sends a result as the handler's declared type asks for it.</summary>
    /// <param name="target">Sends it.</param>
    /// <param name="value">The handler's result, or what a filter has put in its place.</param>
    /// <returns>False when the value is of another type: nothing has been sent.</returns>
    public abstract bool TryReply(IInvocationTarget target, object? value);

    /// <summary>Gives the result up, sent or not.</summary>
    public virtual ValueTask DropAsync() => ValueTask.CompletedTask;
}

/// <summary>One reply.</summary>
internal sealed class CapturedValue<T>(T value, PackConverter<T> converter) : CapturedResult
{
    public override object? Value { get; } = value;

    public override bool TryReply(IInvocationTarget target, object? value)
    {
        if (ReferenceEquals(value, Value))
        {
            target.Reply((T)value!, converter);
            return true;
        }

        // Of a result declared as object, the value itself says how it is sent.
        if (typeof(T) == typeof(object) || value is not T other)
        {
            return false;
        }

        target.Reply(other, converter);
        return true;
    }
}

/// <summary>A stream.</summary>
internal sealed class CapturedStream<T>(IAsyncEnumerable<T> items, PackConverter<T> converter) : CapturedResult
{
    public override object Value => items;

    public override bool TryReply(IInvocationTarget target, object? value)
    {
        if (value is not IAsyncEnumerable<T> others)
        {
            return false;
        }

        target.ReplyStream(others, converter);
        return true;
    }
}

/// <summary>One reply of a stream's bytes.</summary>
internal sealed class CapturedBytes(Stream bytes) : CapturedResult
{
    public override object Value => bytes;

    public override bool TryReply(IInvocationTarget target, object? value)
    {
        if (value is not Stream other)
        {
            return false;
        }

        target.ReplyBytes(other);
        return true;
    }

    public override ValueTask DropAsync() => bytes.DisposeAsync();
}
