using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ducts.Cli.Tls;

/// <summary>
/// Asks the server of this folder's configuration, whose certificate a client need not know: the one in the configured file is
/// trusted whoever signed it and whatever its names, and otherwise only what the system trusts.
/// </summary>
internal static class PinnedCertificate
{
    /// <summary>Creates the HTTP handler.</summary>
    /// <param name="path">The path of the certificate; null for a server that the system has to trust.</param>
    public static SocketsHttpHandler CreateHandler(string? path)
    {
        var handler = new SocketsHttpHandler();
        if (path is not null)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, errors) =>
                errors == SslPolicyErrors.None || (presented is X509Certificate2 certificate && IsOfFile(certificate, path));
        }

        return handler;
    }

    private static bool IsOfFile(X509Certificate2 presented, string path)
    {
        try
        {
            using var own = X509Certificate2.CreateFromPem(File.ReadAllText(path));
            return own.RawDataMemory.Span.SequenceEqual(presented.RawDataMemory.Span);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return false;
        }
    }
}
