using Ducts.Cli.Tls;
using Ducts.Configuration;

namespace Ducts.Cli.Commands;

/// <summary><c>ducts new --https</c>: the certificate for development, and its entries in the configuration.</summary>
internal static class HttpsFiles
{
    private const string ConfigurationFile = "config_server.ini";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Returns a file of the new folder as it is with HTTPS.</summary>
    public static string Configure(string path, string content) => path switch
    {
        ConfigurationFile => content
            .Replace("\n# certificate = \n", $"\ncertificate = {DevelopmentCertificate.CertificatePath}\n", StringComparison.Ordinal)
            .Replace("\n# key = \n", $"\nkey = {DevelopmentCertificate.KeyPath}\n", StringComparison.Ordinal),
        ".gitignore" => content + "\n# The key of the certificate for development is this machine's alone.\ntls/\n",
        _ => content,
    };

    /// <summary>Makes certificate and key; where one of them is there already, both stay as they are.</summary>
    public static void Put(string folder, TextWriter output)
    {
        var (certificate, key) = (Path.Combine(folder, DevelopmentCertificate.CertificatePath), Path.Combine(folder, DevelopmentCertificate.KeyPath));
        if (File.Exists(certificate) || File.Exists(key))
        {
            output.WriteLine($"kept     {certificate} and {key}, which are there already");
            return;
        }

        var directory = Path.GetDirectoryName(Path.GetFullPath(key))!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
        }

        var made = DevelopmentCertificate.Create(TimeProvider.System);
        Write(key, made.Key);
        output.WriteLine($"created  {key}");
        Write(certificate, made.Certificate);
        output.WriteLine($"created  {certificate}, which browsers do not know: let yours trust it, or accept its warning");
        SayWhatIsMissing(folder, output);
    }

    // A configuration that was there already has been kept as it was.
    private static void SayWhatIsMissing(string folder, TextWriter output)
    {
        var path = Path.Combine(folder, ConfigurationFile);
        if (DuctsConfiguration.Load([path], "server", []).Options.Tls.Certificate.Length == 0)
        {
            output.WriteLine($"{path} does not name the certificate yet. Set in [ducts.tls_config]:");
            output.WriteLine($"  certificate = {DevelopmentCertificate.CertificatePath}");
            output.WriteLine($"  key = {DevelopmentCertificate.KeyPath}");
        }
    }

    private static void Write(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using var file = new StreamWriter(path, options);
        file.Write(text);
    }
}
