namespace Ducts.Dispatch.Binding.Parameters;

/// <summary>A parameter that the request itself gives.</summary>
internal sealed class GivenParameter<T>(Func<IInvocationTarget, T> get) : Parameter<T>
{
    public override bool TryGet(ref ArgumentFrame frame, out T value)
    {
        value = get(frame.Target);
        return true;
    }
}
