using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Ducts.Cli.Tls;

/// <summary>A certificate with its key and its issuers, ready to be served.</summary>
internal sealed class ServerCertificate(X509Certificate2 certificate, X509Certificate2Collection issuers)
{
    /// <summary>Gets the certificate.</summary>
    public X509Certificate2 Certificate => certificate;

    /// <summary>Gets what TLS sends of it, put together once. What is not in the file is not fetched from its issuer.</summary>
    public SslStreamCertificateContext Context { get; } = SslStreamCertificateContext.Create(certificate, issuers, offline: true);

    /// <summary>Returns why clients will refuse it, or null.</summary>
    public string? FindProblem(DateTimeOffset now)
    {
        if (now > new DateTimeOffset(certificate.NotAfter))
        {
            return $"has expired on {Format(certificate.NotAfter)}: clients refuse it";
        }

        return now < new DateTimeOffset(certificate.NotBefore) ? $"is not valid before {Format(certificate.NotBefore)}: clients refuse it until then" : null;
    }

    /// <summary>Returns the names and addresses that it is for, as far as one is needed to recognize it.</summary>
    public override string ToString() => $"{certificate.Subject}, valid until {Format(certificate.NotAfter)}";

    private static string Format(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
