using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ducts.Cli.Tls;

namespace Ducts.Cli;

/// <summary>HTTPS of the command: certificates from files, and one for development.</summary>
public sealed partial class TlsTests : IAsyncLifetime
{
    private readonly Tool _tool = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await _tool.DisposeAsync();

    [Fact]
    public async Task A_new_folder_with_https_serves_https_and_wss()
    {
        var made = await _tool.RunAsync("new", ".", "--https");
        Assert.Equal((0, ""), (made.ExitCode, made.Error));
        Assert.Contains("and open https://localhost:8080/ in a browser.", made.Output, StringComparison.Ordinal);
        Assert.Equal("config_server.ini: no problems.\n", (await _tool.RunAsync("config", "check")).Output);
        Assert.Contains("\ntls/\n", await File.ReadAllTextAsync(Path.Combine(_tool.Folder, ".gitignore")), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            Assert.Equal(Owner, File.GetUnixFileMode(Path.Combine(_tool.Folder, DevelopmentCertificate.KeyPath)));
            Assert.Equal(Owner | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(_tool.Folder, "tls")));
        }

        var port = await StartAsync();
        using var handler = Trusting(DevelopmentCertificate.CertificatePath);
        using var http = new HttpClient(handler, disposeHandler: false);
        foreach (var host in new[] { "localhost", "127.0.0.1" })
        {
            using var discovery = JsonDocument.Parse(await http.GetStringAsync($"https://{host}:{port}/ducts/wsd?uuid=1"));
            var url = discovery.RootElement.GetProperty("websocket_url").GetString()!;
            Assert.StartsWith($"wss://{host}:{port}/ducts/ws/v1/", url, StringComparison.Ordinal);
            Assert.Equal($"https://{host}:{port}/ducts/api/v1/", discovery.RootElement.GetProperty("api_url_root").GetString());
            using var socket = new ClientWebSocket();
            await socket.ConnectAsync(new Uri(url), new HttpMessageInvoker(handler, disposeHandler: false), CancellationToken.None);
            Assert.Equal(WebSocketState.Open, socket.State);
        }

        Assert.Contains($"address   https://127.0.0.1:{port}/", (await _tool.RunAsync("server", "status")).Output, StringComparison.Ordinal);
        _tool.Environment["DUCTS_SERVER__HTTPD_PORT"] = $"{port}";
        Assert.Contains("HELLO", (await _tool.RunAsync("events")).Output, StringComparison.Ordinal);
        var call = await _tool.RunAsync("call", "HELLO", "{\"name\": \"Ada\"}");
        Assert.Equal((0, ""), (call.ExitCode, call.Error));
        var strange = await _tool.RunAsync("events", $"https://localhost:{port}/");
        Assert.Equal(1, strange.ExitCode);
    }

    [Fact]
    public async Task What_is_there_stays_and_what_the_configuration_lacks_is_said()
    {
        _tool.Write("config_server.ini", "[ducts.server_config]\n");
        var first = await _tool.RunAsync("new", ".", "--https");
        var key = await File.ReadAllTextAsync(Path.Combine(_tool.Folder, DevelopmentCertificate.KeyPath));
        var second = await _tool.RunAsync("new", ".", "--https");

        Assert.Contains("Set in [ducts.tls_config]:\n  certificate = tls/localhost.pem\n  key = tls/localhost.key\n", first.Output, StringComparison.Ordinal);
        Assert.Contains("kept     ./tls/localhost.pem and ./tls/localhost.key, which are there already", second.Output, StringComparison.Ordinal);
        Assert.Equal(key, await File.ReadAllTextAsync(Path.Combine(_tool.Folder, DevelopmentCertificate.KeyPath)));
        Assert.Equal("[ducts.server_config]\n", await File.ReadAllTextAsync(Path.Combine(_tool.Folder, "config_server.ini")));
    }

    [Fact]
    public async Task A_changed_certificate_is_served_to_new_connections_and_a_wrong_one_is_not()
    {
        WriteCertificate(Create("first"));
        var port = await StartAsync();
        Assert.Equal("CN=first", await PresentedAsync(port));

        var (next, key) = Create("second");
        _tool.Write("c.pem", next);
        await Until.TrueAsync(() => Log().Contains("The changed certificate cannot be used; the one before it is still served: key: ", StringComparison.Ordinal), "the warning");
        Assert.Equal("CN=first", await PresentedAsync(port));

        _tool.Write("k.pem", key);
        await Until.TrueAsync(() => Log().Contains("CERTIFICATE|CN=second", StringComparison.Ordinal), "the new certificate");
        Assert.Equal("CN=second", await PresentedAsync(port));
    }

    [Fact]
    public async Task Certificate_and_key_may_be_in_one_file()
    {
        var (certificate, key) = Create("both");
        _tool.Write("both.pem", certificate + key);
        _tool.Write("config_server.ini", "[ducts.tls_config]\ncertificate = both.pem\n");
        Assert.Equal("CN=both", await PresentedAsync(await StartAsync()));
    }

    [Fact]
    public async Task A_certificate_that_has_expired_is_served_with_a_warning()
    {
        WriteCertificate(Create("old", TimeSpan.FromDays(-1)));
        var check = await _tool.RunAsync("config", "check");
        Assert.Equal(1, check.ExitCode);
        Assert.Contains("has expired on ", check.Output, StringComparison.Ordinal);
        Assert.EndsWith("clients refuse it [warning]\n", check.Output, StringComparison.Ordinal);
        await StartAsync();
        await Until.TrueAsync(() => Log().Contains("c.pem has expired on ", StringComparison.Ordinal), "the warning");
    }

    [Theory]
    [InlineData("", "", "certificate: {folder}/c.pem: no such file.")]
    [InlineData("cert", "", "key: {folder}/k.pem: no such file.")]
    [InlineData("text", "key", "certificate: {folder}/c.pem has no certificate: expected a file in PEM form")]
    [InlineData("broken", "key", "certificate: {folder}/c.pem has a certificate that cannot be read")]
    [InlineData("cert", "text", "key: {folder}/k.pem has no private key")]
    [InlineData("cert", "other", "key: {folder}/k.pem is not the private key of {folder}/c.pem")]
    [InlineData("cert", "encrypted", "key: {folder}/k.pem is encrypted")]
    public async Task A_certificate_that_cannot_be_served_is_told_by_check_and_by_start(string certificate, string key, string message)
    {
        var (pem, own) = Create("localhost");
        var files = new Dictionary<string, string>
        {
            ["cert"] = pem,
            ["key"] = own,
            ["other"] = Create("other").Key,
            ["text"] = "no PEM\n",
            ["broken"] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            ["encrypted"] = Encrypted(),
        };
        _tool.Write("config_server.ini", "[ducts.tls_config]\ncertificate = c.pem\nkey = k.pem\n");
        if (files.TryGetValue(certificate, out var text))
        {
            _tool.Write("c.pem", text);
        }

        if (files.TryGetValue(key, out text))
        {
            _tool.Write("k.pem", text);
        }

        var expected = message.Replace("{folder}", _tool.Folder, StringComparison.Ordinal);
        var check = await _tool.RunAsync("config", "check");
        Assert.Equal(1, check.ExitCode);
        Assert.Contains($"[ducts.tls_config] {expected}", check.Output, StringComparison.Ordinal);
        var start = await _tool.RunAsync("server", "start");
        Assert.Equal(1, start.ExitCode);
        Assert.Contains($"[ducts.tls_config] {expected}", start.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", start.Output + start.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_home_that_is_not_there_is_told_by_check_and_by_start()
    {
        _tool.Write("config_server.ini", "[ducts.common_config]\nducts_home = nowhere\n");
        var expected = $"[ducts.common_config] ducts_home: {_tool.Folder}/nowhere: no such folder.";
        Assert.Contains(expected, (await _tool.RunAsync("config", "check")).Output, StringComparison.Ordinal);
        var start = await _tool.RunAsync("server", "start");
        Assert.Equal(1, start.ExitCode);
        Assert.Contains(expected, start.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Localhost_with_a_free_port_is_listened_on()
    {
        _tool.Environment["DUCTS_SERVER__HTTPD_ADDR"] = "localhost";
        var port = await StartAsync();
        using var http = new HttpClient();
        Assert.Contains("ok", await http.GetStringAsync($"http://localhost:{port}/healthz"), StringComparison.Ordinal);
    }

    private static (string Certificate, string Key) Create(string name, TimeSpan? lifetime = null)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-2), now + (lifetime ?? TimeSpan.FromDays(2)));
        return (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    private static string Encrypted()
    {
        using var key = RSA.Create(2048);
        return key.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));
    }

    private void WriteCertificate((string Certificate, string Key) pair)
    {
        _tool.Write("c.pem", pair.Certificate);
        _tool.Write("k.pem", pair.Key);
        _tool.Write("config_server.ini", "[ducts.tls_config]\ncertificate = c.pem\nkey = k.pem\n");
    }

    private async Task<int> StartAsync()
    {
        _tool.Environment["DUCTS_IFCONF__LOG_FILE"] = "server.log";
        var started = await _tool.RunAsync("server", "start");
        Assert.Equal((0, ""), (started.ExitCode, started.Error));
        await Until.TrueAsync(() => Started().IsMatch(Log()), "the START line");
        return int.Parse(Started().Match(Log()).Groups[1].Value);
    }

    private string Log() => File.ReadAllText(Path.Combine(_tool.Folder, "server.log"));

    private SocketsHttpHandler Trusting(string path)
    {
        var trusted = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(_tool.Folder, path));
        // The names are checked: the certificate is for localhost and its addresses.
        return new SocketsHttpHandler
        {
            SslOptions =
            {
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { trusted }, RevocationMode = X509RevocationMode.NoCheck },
            },
        };
    }

    private static async Task<string> PresentedAsync(int port)
    {
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = static (_, presented, _, _) => presented is not null });
        return tls.RemoteCertificate!.Subject;
    }

    [GeneratedRegex(@"START\|SOCKET=\('(?:127\.0\.0\.1|localhost)', (\d+)\)")]
    private static partial Regex Started();
}
