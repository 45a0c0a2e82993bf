using Ducts.Cli.Tls;
using Ducts.Configuration;

namespace Ducts.Cli.Hosting;

/// <summary>Looks at what the options name, as a start would: a folder, a certificate.</summary>
internal static class ConfigurationFiles
{
    /// <summary>Returns what a start would fail at, or warn of.</summary>
    public static IEnumerable<ConfigProblem> FindProblems(DuctsOptions options)
    {
        if (FindMissingHome(options) is { } missing)
        {
            yield return new ConfigProblem(ConfigSeverity.Error, "", 0, missing);
        }
        else if (FindProblemOfCertificate(options) is var (severity, problem))
        {
            yield return new ConfigProblem(severity, "", 0, $"[ducts.tls_config] {problem}");
        }
    }

    /// <summary>Returns that the folder is missing from which all paths start, or null.</summary>
    public static string? FindMissingHome(DuctsOptions options) => Directory.Exists(options.Common.DuctsHome)
        ? null
        : $"[ducts.common_config] ducts_home: {options.Common.DuctsHome}: no such folder.";

    private static (ConfigSeverity Severity, string Problem)? FindProblemOfCertificate(DuctsOptions options)
    {
        if (CertificateFiles.Of(options) is not { } files)
        {
            return null;
        }

        try
        {
            return files.Load(files.Read()).FindProblem(TimeProvider.System.GetUtcNow()) is { } problem
                ? (ConfigSeverity.Warning, $"certificate: {files.CertificatePath} {problem}")
                : null;
        }
        catch (CertificateException fault)
        {
            return (ConfigSeverity.Error, fault.Message);
        }
    }
}
