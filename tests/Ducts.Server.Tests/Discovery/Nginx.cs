using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Ducts.Server.Tests.Discovery;

/// <summary>A real nginx with the configuration that docs/guide/behind-nginx.md prints.</summary>
internal sealed partial class Nginx : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private Nginx(Process process, string folder, int port)
    {
        _process = process;
        _folder = folder;
        Port = port;
    }

    public int Port { get; }

    /// <summary>What the log has that the guide's configuration writes.</summary>
    public string AccessLog => File.ReadAllText(Path.Combine(_folder, "access.log"));

    public static async Task<Nginx> StartAsync(int serverPort)
    {
        var folder = Directory.CreateTempSubdirectory("ducts-nginx-").FullName;
        var port = FreePort();
        // TLS ends before this nginx in the test, as it would in another proxy: all that changes is where the scheme comes from.
        var site = GuideConfiguration()
            .Replace("listen 443 ssl;", $"listen 127.0.0.1:{port};", StringComparison.Ordinal)
            .Replace("proxy_set_header X-Forwarded-Proto $scheme;", "proxy_set_header X-Forwarded-Proto https;", StringComparison.Ordinal)
            .Replace("/var/log/nginx/access.log", Path.Combine(folder, "access.log"), StringComparison.Ordinal)
            .Replace("127.0.0.1:8080", $"127.0.0.1:{serverPort}", StringComparison.Ordinal);
        site = string.Join('\n', site.Split('\n').Where(line => !line.Contains("ssl_certificate", StringComparison.Ordinal)));
        await File.WriteAllTextAsync(Path.Combine(folder, "nginx.conf"), $$"""
            daemon off;
            worker_processes 1;
            pid {{folder}}/nginx.pid;
            error_log {{folder}}/error.log;
            events {}
            http {
              client_body_temp_path {{folder}};
              proxy_temp_path {{folder}};
              fastcgi_temp_path {{folder}};
              uwsgi_temp_path {{folder}};
              scgi_temp_path {{folder}};
              {{site}}
            }
            """);
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo("nginx", ["-p", folder, "-c", Path.Combine(folder, "nginx.conf")]) { RedirectStandardError = true })!;
        }
        catch (Win32Exception)
        {
            throw new InvalidOperationException("This test needs nginx: apt-get install nginx");
        }

        var nginx = new Nginx(process, folder, port);
        while (!await ListensAsync(port))
        {
            if (process.HasExited)
                throw new InvalidOperationException(await process.StandardError.ReadToEndAsync());
            await Task.Delay(20);
        }

        return nginx;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string GuideConfiguration()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Ducts.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The repository's root was not found above the tests.");
        return Configuration().Match(File.ReadAllText(Path.Combine(folder, "docs", "guide", "behind-nginx.md"))).Groups[1].Value;
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static async Task<bool> ListensAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [GeneratedRegex("```nginx\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Configuration();
}
