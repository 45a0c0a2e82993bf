namespace Ducts.Dispatch.Binding.Results;

/// <summary>A task without a value: null once it has ended.</summary>
internal sealed class TaskResult : ResultWriter<Task?>
{
    public override void Write(IInvocationTarget target, Task? value)
    {
        if (value is null)
            throw NoTask();
        if (value.IsCompletedSuccessfully)
            target.ReplyNull();
        else
            target.ReplyWhenDone(value);
    }

    internal static InvalidOperationException NoTask() => new("The handler returned null where it declares a task.");
}

/// <summary>A task of a value.</summary>
internal sealed class TaskResult<T>(ResultWriter<T> inner) : ResultWriter<Task<T>?>
{
    private readonly ValueTaskResult<T> _inner = new(inner);

    public override void Write(IInvocationTarget target, Task<T>? value) =>
        _inner.Write(target, new ValueTask<T>(value ?? throw TaskResult.NoTask()));
}

/// <summary>A task without a value: null once it has ended.</summary>
internal sealed class ValueTaskResult : ResultWriter<ValueTask>
{
    public override void Write(IInvocationTarget target, ValueTask value)
    {
        if (value.IsCompletedSuccessfully)
        {
            // A pooled source wants its result taken.
            value.GetAwaiter().GetResult();
            target.ReplyNull();
        }
        else
        {
            target.ReplyWhenDone(value.AsTask());
        }
    }
}

/// <summary>A task of a value; one that has ended already costs no more than the value.</summary>
internal sealed class ValueTaskResult<T>(ResultWriter<T> inner) : ResultWriter<ValueTask<T>>
{
    private readonly ValueResult<T>? _value = inner as ValueResult<T>;

    public override void Write(IInvocationTarget target, ValueTask<T> value)
    {
        if (value.IsCompletedSuccessfully)
            inner.Write(target, value.Result);
        else if (_value is not null)
            target.ReplyWhenDone(value, _value.Converter);
        else
            target.ReplyWhenDone(value, inner);
    }
}
