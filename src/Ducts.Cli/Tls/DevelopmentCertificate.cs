using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ducts.Cli.Tls;

/// <summary>A certificate for development: made here, for this machine by its own names only, trusted by nobody.</summary>
internal static class DevelopmentCertificate
{
    /// <summary>The certificate's path in a working folder.</summary>
    public const string CertificatePath = "tls/localhost.pem";

    /// <summary>The key's path in a working folder.</summary>
    public const string KeyPath = "tls/localhost.key";

    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    // Some systems trust none of more than 825 days.
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(365);

    /// <summary>Makes a certificate.</summary>
    /// <returns>The certificate and its key, each as the PEM text of a file.</returns>
    public static CertificateText Create(TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost, O=Ducts development", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(new OidCollection { new Oid(ServerAuthentication) }, critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var now = time.GetUtcNow();
        // Clocks of virtual machines and browsers may differ by minutes.
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now + Lifetime);
        return new CertificateText(certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }
}
