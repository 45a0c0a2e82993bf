using System.Net.Sockets;
using Microsoft.Extensions.Hosting.Systemd;

namespace Ducts.Cli.Hosting;

/// <summary>Tells systemd (<c>Type=notify</c>) what this process is doing; without systemd it does nothing.</summary>
/// <remarks>The package's own host lifetime is not used: it leaves no room for what SIGHUP means here.</remarks>
internal sealed class SystemdNotice
{
    private readonly SystemdNotifier _notifier = new();

    public void Ready(string status) => Send(new ServiceState($"READY=1\nSTATUS={status}"));

    public void Stopping() => Send(ServiceState.Stopping);

    private void Send(ServiceState state)
    {
        try
        {
            _notifier.Notify(state);
        }
        catch (SocketException)
        {
            // The service manager notices by itself that nothing comes.
        }
    }
}
