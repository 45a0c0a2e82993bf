using System.Net.Security;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Ducts.Cli.Tls;

/// <summary>
/// The certificate that the server presents now. It is read anew when its files change: whoever renews certificates replaces
/// the files, often by way of links. Connections that are open keep theirs.
/// </summary>
/// <remarks>The timer's callbacks do not overlap, and only they write; handshakes read on any thread.</remarks>
internal sealed class CertificateStore : IDisposable
{
    // Certificates are renewed days before they expire.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private static readonly List<SslApplicationProtocol> Protocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];

    private readonly CertificateFiles _files;
    private readonly TimeProvider _time;
    private readonly Lock _reading = new();
    private CertificateText _text;
    private volatile SslServerAuthenticationOptions _options;
    private ILogger? _logger;
    private ITimer? _timer;
    private string? _fault;

    private CertificateStore(CertificateFiles files, CertificateText text, ServerCertificate certificate, TimeProvider time)
    {
        _files = files;
        _text = text;
        _time = time;
        Certificate = certificate;
        _options = OptionsOf(certificate);
    }

    /// <summary>Gets the certificate that was read last.</summary>
    public ServerCertificate Certificate { get; private set; }

    /// <summary>Gets what Kestrel asks at each handshake.</summary>
    public TlsHandshakeCallbackOptions Handshake => new() { OnConnection = _ => ValueTask.FromResult(_options) };

    /// <summary>Reads the certificate.</summary>
    /// <exception cref="CertificateException">There is none that can be served.</exception>
    public static CertificateStore Open(CertificateFiles files, TimeProvider time)
    {
        var text = files.Read();
        return new CertificateStore(files, text, files.Load(text), time);
    }

    /// <summary>Begins to follow the files.</summary>
    public void Watch(ILogger logger)
    {
        _logger = logger;
        LogProblem(logger);
        _timer = _time.CreateTimer(static store => ((CertificateStore)store!).Refresh(), this, Interval, Interval);
    }

    public void Dispose() => _timer?.Dispose();

    /// <summary>Reads the files again, and keeps the certificate that there is where they have none.</summary>
    internal void Refresh()
    {
        if (!_reading.TryEnter())
        {
            return;
        }

        try
        {
            var text = _files.Read();
            if (text == _text)
            {
                _fault = null;
                return;
            }

            Certificate = _files.Load(text);
            _options = OptionsOf(Certificate);
            _text = text;
            _fault = null;
            TlsLog.ReloadedNotice(_logger!, Certificate.ToString());
            LogProblem(_logger!);
        }
        catch (CertificateException fault)
        {
            // Half-way through a renewal, certificate and key do not fit; the next look finds both.
            if (fault.Message != _fault)
            {
                TlsLog.NotReloaded(_logger!, fault.Message);
            }

            _fault = fault.Message;
        }
        finally
        {
            _reading.Exit();
        }
    }

    private void LogProblem(ILogger logger)
    {
        if (Certificate.FindProblem(_time.GetUtcNow()) is { } problem)
        {
            TlsLog.Unusable(logger, _files.CertificatePath, problem);
        }
    }

    private static SslServerAuthenticationOptions OptionsOf(ServerCertificate certificate) => new()
    {
        ServerCertificateContext = certificate.Context,
        ApplicationProtocols = Protocols,
    };
}
