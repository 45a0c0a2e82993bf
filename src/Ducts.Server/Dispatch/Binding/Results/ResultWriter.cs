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
