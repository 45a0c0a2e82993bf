using System.Net.Sockets;
using System.Text;

namespace Ducts.Cli.Processes;

/// <summary>Tells systemd (<c>Type=notify</c>) what this process is doing; without systemd it does nothing.</summary>
internal sealed class SystemdNotifier(string? address)
{
    public static SystemdNotifier FromEnvironment() => new(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));

    public void Ready(string status) => Send($"READY=1\nSTATUS={status}");

    public void Stopping() => Send("STOPPING=1");

    private void Send(string message)
    {
        if (string.IsNullOrEmpty(address))
            return;
        try
        {
            // A leading @ stands for a name that is no path.
            var endpoint = new UnixDomainSocketEndPoint(address[0] == '@' ? $"\0{address[1..]}" : address);
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.UTF8.GetBytes(message), endpoint);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // The service manager notices by itself that nothing comes.
        }
    }
}
