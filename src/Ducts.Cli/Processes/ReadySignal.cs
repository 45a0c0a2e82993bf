using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Ducts.Cli.Processes;

/// <summary>The background process's end of the pipe on which its starter waits.</summary>
internal sealed class ReadySignal : IDisposable
{
    public const string ReadyLine = "READY";
    public const string FailedLine = "FAILED";

    private const int SetDescriptorFlags = 2;
    private const int CloseOnExec = 1;

    private FileStream? _pipe;

    private ReadySignal(FileStream? pipe) => _pipe = pipe;

    /// <summary>Whether somebody waits: this process was started in the background.</summary>
    public bool IsConnected => _pipe is not null;

    /// <summary>Takes over the pipe and leaves the terminal; without one, this is a foreground process.</summary>
    public static ReadySignal Open(string? descriptor)
    {
        if (!int.TryParse(descriptor, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || OperatingSystem.IsWindows())
            return new ReadySignal(null);
        _ = Native.SetSid();
        // A redis-server that inherited the pipe would keep it open; elsewhere fcntl's arguments are passed differently.
        if (OperatingSystem.IsLinux())
            _ = Native.Fcntl(number, SetDescriptorFlags, CloseOnExec);
        using (var nothing = File.OpenHandle("/dev/null"))
            _ = Native.Dup2((int)nothing.DangerousGetHandle(), 0);
        return new ReadySignal(new FileStream(new SafeFileHandle(number, ownsHandle: true), FileAccess.Write, bufferSize: 0));
    }

    public void Ready() => Tell(ReadyLine);

    public void Failed(string reason) => Tell($"{FailedLine}\n{reason}");

    public void Dispose() => _pipe?.Dispose();

    private void Tell(string text)
    {
        try
        {
            _pipe?.Write(Encoding.UTF8.GetBytes(text + "\n"));
        }
        catch (IOException)
        {
            // The starter was ended while it waited; the server is no worse for it.
        }
        _pipe?.Dispose();
        _pipe = null;
    }
}
