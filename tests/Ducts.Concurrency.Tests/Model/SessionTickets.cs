// Redis is outside the process, so this stands for the class of this name: what it notes takes its time.
namespace Ducts.Sessions;

internal sealed class SessionTickets
{
    public async Task VoidAsync(string streamId, CancellationToken cancellationToken) => await Task.Yield();

    public void Void(string streamId)
    {
    }

    public async Task CloseAsync(SessionTicket ticket, CancellationToken cancellationToken) => await Task.Yield();
}
