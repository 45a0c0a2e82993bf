using Ducts.Dispatch.Binding;

namespace Ducts.Dispatch;

/// <summary>Lets those requests through to an event that its guard does not refuse; the arguments of others are not read.</summary>
internal sealed class GuardedInvoker(HandlerInvoker inner, IEventGuard guard) : HandlerInvoker
{
    public override void Invoke(ref Invocation invocation)
    {
        var target = (ReplyTarget)invocation.Target;
        var check = guard.RefuseAsync(target, target.SessionUser);
        if (!check.IsCompletedSuccessfully)
        {
            target.KeepData();
            target.Detach().Run(static (request, work) => request.ContinueAsync(work.check, work.guard, work.inner), (check, guard, inner));
        }
        else if (check.Result is { } refusal)
        {
            target.Fail(guard.ErrorName, refusal);
        }
        else
        {
            inner.Invoke(ref invocation);
        }
    }
}
