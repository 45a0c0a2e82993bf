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
