namespace Ducts;

/// <summary>
/// Specifies the certificate with which the <c>ducts</c> command serves HTTPS and secure WebSockets. INI section
/// <c>ducts.tls_config</c>. A hosted application configures its own server.
/// </summary>
[Section("ducts.tls_config", "ducts.server.config")]
public sealed class DuctsTlsOptions
{
    /// <summary>
    /// Gets or sets the path of the certificate in PEM form, followed by those of its issuers up to one that clients
    /// know. Default: empty, the server speaks HTTP. If the file changes, new connections get the new certificate within
    /// a few seconds.
    /// </summary>
    [Option("certificate in PEM form, with those of its issuers; empty: plain HTTP", IsPath = true, IsOptional = true)]
    public string Certificate { get; set; } = "";

    /// <summary>
    /// Gets or sets the path of the certificate's private key in PEM form, without a password. Default: empty, the key is
    /// in the file of the certificate. Only the server's user should be able to read it.
    /// </summary>
    [Option("its private key in PEM form; empty: in the certificate's file", IsPath = true, IsOptional = true)]
    public string Key { get; set; } = "";
}
