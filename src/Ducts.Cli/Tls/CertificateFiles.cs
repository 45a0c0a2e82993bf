using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ducts.Cli.Tls;

/// <summary>The files that hold the server's certificate and its private key, as the options name them.</summary>
/// <param name="CertificatePath">The full path of the certificate's file.</param>
/// <param name="KeyPath">The full path of the key's file, which may be the same.</param>
internal sealed record CertificateFiles(string CertificatePath, string KeyPath)
{
    /// <summary>The files of the options; null where the server speaks plain HTTP.</summary>
    public static CertificateFiles? Of(DuctsOptions options)
    {
        var tls = options.Tls;
        return tls.Certificate.Length == 0
            ? null
            : new CertificateFiles(options.GetFullPath(tls.Certificate), options.GetFullPath(tls.Key.Length == 0 ? tls.Certificate : tls.Key));
    }

    /// <summary>Reads both files as they are now.</summary>
    /// <exception cref="CertificateException">One is missing, is not what it should be, or does not belong to the other.</exception>
    public CertificateText Read() => new(Read(CertificatePath, "certificate"), Read(KeyPath, "key"));

    /// <summary>Makes what the server needs of the files' text.</summary>
    /// <exception cref="CertificateException">One is not what it should be, or does not belong to the other.</exception>
    public ServerCertificate Load(CertificateText text)
    {
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(text.Certificate);
        }
        catch (CryptographicException fault)
        {
            throw new CertificateException($"certificate: {CertificatePath} has a certificate that cannot be read: {fault.Message}", fault);
        }

        if (chain.Count == 0)
        {
            throw new CertificateException($"certificate: {CertificatePath} has no certificate: expected a file in PEM form, with -----BEGIN CERTIFICATE-----.");
        }

        if (text.Key.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal) || text.Key.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
        {
            throw new CertificateException($"key: {KeyPath} is encrypted, and nobody can enter its password when the server starts. Decrypt it, such as by: openssl pkey -in {KeyPath} -out new.key");
        }

        if (!text.Key.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            throw new CertificateException($"key: {KeyPath} has no private key: expected a file in PEM form, with -----BEGIN PRIVATE KEY-----.");
        }

        try
        {
            var certificate = X509Certificate2.CreateFromPem(text.Certificate, text.Key);
            chain.RemoveAt(0);
            return new ServerCertificate(ForPlatform(certificate), chain);
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException)
        {
            // The framework says in both cases only that it did not work.
            throw new CertificateException($"key: {KeyPath} is not the private key of {CertificatePath}: {fault.Message}", fault);
        }
    }

    private static string Read(string path, string option)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CertificateException($"{option}: {path}: no such file.", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CertificateException($"{option}: {path} cannot be read: {fault.Message}", fault);
        }
    }

    // Windows' TLS uses keys of its own store only.
    private static X509Certificate2 ForPlatform(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows())
        {
            return certificate;
        }

        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        }
    }
}

/// <summary>The text of both files at one time.</summary>
internal sealed record CertificateText(string Certificate, string Key);

/// <summary>Why there is no certificate, for people: which option, which file, what is wrong.</summary>
internal sealed class CertificateException : Exception
{
    public CertificateException(string message)
        : base(message)
    {
    }

    public CertificateException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
