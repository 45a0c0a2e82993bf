using Ducts.Connections;
using Ducts.Protocol;

namespace Ducts.Sessions;

/// <content>The hooks of a session's beginning, which may refuse it.</content>
internal sealed partial class Session
{
    /// <summary>Runs the hooks of the session's beginning, once.</summary>
    /// <returns>
    /// Ends with the hooks; false when one of them has failed, so that the session is to be refused, or when the session is
    /// over already.
    /// </returns>
    public Task<bool> BeginAsync()
    {
        lock (_gate)
        {
            // Whoever has ended it saw no hooks begin, and tells none of its end.
            return _connectedHooks ?? (_state >= SessionState.Ending ? Task.FromResult(false) : _connectedHooks = _changes.TellAsync(SessionChange.Connected));
        }
    }

    /// <summary>
    /// Waits for the hooks of the session's beginning. One that sends more than is kept goes on only with a socket, so it is not waited
    /// for; it may still refuse the session then.
    /// </summary>
    /// <returns>False when a hook has refused the session.</returns>
    public async Task<bool> WaitToAdmitAsync(CancellationToken cancellationToken)
    {
        var hooks = BeginAsync();
        if (!hooks.IsCompleted)
        {
            using var given = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Closed);
            Task waits = Task.WhenAny(hooks, Pushes.WhenNeedsSocket()).WaitAsync(given.Token);
            await waits.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return !hooks.IsCompleted || await hooks;
    }

    private async Task AdmitAsync(Task<bool> hooks, Connection connection, Task resending)
    {
        await resending;
        if (await hooks)
            return;
        var end = new SessionEnd(CloseCode.PolicyViolation, "refused");
        _endWithSocket = end;
        connection.SendClose(end.Code, end.Reason);
        if (Registry is not null)
            await Registry.EndAsync(this, end);
    }
}
