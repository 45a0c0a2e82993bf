using System.Security.Cryptography;
using Ducts.Handlers;
using Ducts.Scripting.Caching;
using Ducts.Scripting.Files;
using Ducts.Redis.Ownership;
using Ducts.Scripting.Ownership;
using Microsoft.Extensions.Logging;

namespace Ducts.Scripting.Packages;

/// <summary>
/// Turns directives into assemblies, by a build in a process of its own. The result is kept by the directives' content,
/// so the SDK runs only when one of them, or a project they name, has changed.
/// </summary>
internal sealed class PackageResolver
{
    // A server that runs may load from its folder at any time, so only what nobody started with for long goes.
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(90);

    private readonly string _folder;
    private readonly DotnetCommand _dotnet;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public PackageResolver(string folder, DotnetCommand dotnet, TimeProvider time, ILogger logger)
    {
        _folder = folder;
        _dotnet = dotnet;
        _time = time;
        _logger = logger;
    }

    /// <summary>Brings in what the directives name.</summary>
    /// <param name="directives">The directives of all files.</param>
    /// <param name="problems">Gets an entry per directive that cannot be followed.</param>
    /// <param name="refusal">Why the folder's content cannot be believed; null if it can.</param>
    /// <param name="cancellationToken">Ends a build that runs.</param>
    /// <returns>The assemblies; null when nothing is to be brought in.</returns>
    public async Task<PackageSet?> ResolveAsync(
        IReadOnlyList<SourceDirective> directives,
        ICollection<HandlerProblem> problems,
        string? refusal,
        CancellationToken cancellationToken)
    {
        var wanted = RefuseConflicts(directives, problems);
        if (wanted.Length > 0 && (refusal ?? Prepare()) is { } reasonToRefuse)
        {
            Report(wanted, problems, _ => $"cannot be had: {reasonToRefuse}");
            return null;
        }

        while (wanted.Length > 0)
        {
            var id = IdOf(wanted);
            var folder = Path.Combine(_folder, id);
            if (FindForeign(folder) is { } foreign)
            {
                Report(wanted, problems, _ => $"cannot be had: {foreign}");
                return null;
            }

            if (PackageSet.TryOpen(id, folder) is { } known)
            {
                Touch(folder);
                return known;
            }

            ScriptingLog.FetchingPackages(_logger, string.Join(", ", wanted.Select(static directive => directive.Name).Distinct(StringComparer.Ordinal)));
            var result = await BuildAsync(folder, wanted, cancellationToken);
            if (result.ExitCode == 0 && PackageSet.TryOpen(id, folder) is { } built)
            {
                Prune();
                return built;
            }

            var blamed = PackageFailures.Attribute(result.Output, wanted);
            if (blamed.Count == 0)
            {
                var reason = PackageFailures.Explain(result);
                Report(wanted, problems, _ => reason);
                return null;
            }

            // A file without one of its packages does not compile, so its other directives are not needed either.
            Report(blamed.Keys, problems, directive => $"cannot be had: {blamed[directive]}");
            var refused = blamed.Keys.Select(static directive => directive.Path).ToHashSet(StringComparer.Ordinal);
            wanted = wanted.Where(directive => !refused.Contains(directive.Path)).ToArray();
        }

        return null;
    }

    private string? Prepare()
    {
        try
        {
            return PrivateFolder.Prepare(_folder, isOwn: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"{_folder} cannot be used: {exception.Message}";
        }
    }

    // The folder may have been open to others before it was made private.
    private static string? FindForeign(string folder)
    {
        if (!FileFacts.AreKnown || !Directory.Exists(folder))
        {
            return null;
        }

        var foreign = Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)
            .Prepend(folder)
            .FirstOrDefault(static path => FileFacts.Of(path) is { IsOurs: false });
        return foreign is null ? null : $"{foreign} belongs to user {UserName.Of(FileFacts.Of(foreign)!.Value.Owner)}: remove the folder {folder}.";
    }

    private async Task<DotnetResult> BuildAsync(string folder, IReadOnlyList<SourceDirective> wanted, CancellationToken cancellationToken)
    {
        var work = $"{folder}.{Guid.NewGuid():N}.tmp";
        try
        {
            var project = PackageProject.Write(work, wanted);
            var result = await _dotnet.RunAsync(
                work,
                ["build", project, "-c", "Release", "-v:q", "-nologo", "-m:1", "-nodeReuse:false", "-tl:off", "-p:UseSharedCompilation=false"],
                cancellationToken);
            if (result.ExitCode == 0 && !Directory.Exists(folder))
            {
                Directory.Move(Path.Combine(work, PackageProject.OutputFolder), folder);
            }

            return result;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another server was quicker, or the folder cannot be written; which of them shows when it is opened.
            return new DotnetResult(Directory.Exists(folder) ? 0 : 1, exception.Message);
        }
        finally
        {
            TryDelete(work);
        }
    }

    private static SourceDirective[] RefuseConflicts(IReadOnlyList<SourceDirective> directives, ICollection<HandlerProblem> problems)
    {
        var first = new Dictionary<string, SourceDirective>(StringComparer.OrdinalIgnoreCase);
        var refused = new HashSet<string>(StringComparer.Ordinal);
        foreach (var directive in directives.Where(static directive => directive.Kind == DirectiveKind.Package))
        {
            var other = first.TryAdd(directive.Name, directive) ? directive : first[directive.Name];
            if (other.Version != directive.Version)
            {
                refused.Add(directive.Path);
                problems.Add(new HandlerProblem(
                    directive.Path,
                    directive.Line,
                    1,
                    $"asks for {directive.Name} {directive.Version}, while {Path.GetFileName(other.Path)} asks for {other.Version}; all files share one version"));
            }
        }

        return directives.Where(directive => !refused.Contains(directive.Path)).ToArray();
    }

    private static void Report(IEnumerable<SourceDirective> directives, ICollection<HandlerProblem> problems, Func<SourceDirective, string> reason)
    {
        foreach (var directive in directives)
        {
            var text = directive.Kind == DirectiveKind.Package ? $"#:package {directive.Name}@{directive.Version}" : $"#:project {directive.Name}";
            problems.Add(new HandlerProblem(directive.Path, directive.Line, 1, $"{text} {reason(directive)}"));
        }
    }

    private static string IdOf(IReadOnlyList<SourceDirective> directives)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        CacheKey.Append(hash, typeof(PackageResolver).Module.ModuleVersionId.ToString());
        CacheKey.Append(hash, Environment.Version.Major.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var distinct = directives
            .DistinctBy(static directive => (directive.Kind, directive.Kind == DirectiveKind.Package ? directive.Name.ToUpperInvariant() : directive.Name))
            .OrderBy(static directive => directive.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var directive in distinct)
        {
            CacheKey.Append(hash, directive.Kind.ToString());
            CacheKey.Append(hash, directive.Name);
            CacheKey.Append(hash, directive.Version);
            if (directive.Kind == DirectiveKind.Project)
            {
                ProjectStamp.Append(hash, directive.Name);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..24];
    }

    private void Touch(string folder)
    {
        try
        {
            Directory.SetLastWriteTimeUtc(folder, _time.GetUtcNow().UtcDateTime);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            ScriptingLog.CacheOutOfReach(_logger, folder, exception.Message);
        }
    }

    private void Prune()
    {
        var latest = _time.GetUtcNow().UtcDateTime - KeptFor;
        foreach (var folder in new DirectoryInfo(_folder).GetDirectories().Where(folder => folder.LastWriteTimeUtc < latest))
        {
            TryDelete(folder.FullName);
        }
    }

    private void TryDelete(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            ScriptingLog.CacheOutOfReach(_logger, folder, exception.Message);
        }
    }
}
