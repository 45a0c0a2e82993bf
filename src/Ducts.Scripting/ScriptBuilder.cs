using System.Diagnostics;
using System.Runtime.CompilerServices;
using Ducts.Handlers;
using Ducts.Scripting.Caching;
using Ducts.Scripting.Compiling;
using Ducts.Scripting.Files;
using Ducts.Scripting.Loading;
using Ducts.Scripting.Ownership;
using Ducts.Scripting.Packages;
using Microsoft.Extensions.Logging;

namespace Ducts.Scripting;

/// <summary>
/// Makes files into an assembly: follows their directives, looks into the cache, compiles only where that has nothing.
/// </summary>
// Threading: one build at a time.
internal sealed class ScriptBuilder : IAsyncDisposable
{
    private readonly string _cacheFolder;
    private readonly ScriptCache _cache;
    private readonly PackageResolver _packages;
    private readonly ILogger _logger;
    private readonly bool _keepsCompiler;
    private readonly Lock _compiling = new();
    private readonly CancellationTokenSource _stopping = new();
    private ScriptCompiler? _compiler;
    private Task? _warmUp;

    /// <param name="cacheFolder">Where compiled files and packages are kept.</param>
    /// <param name="keepsCompiler">Whether to hold on to the compiler's state, for the next build to be quick.</param>
    /// <param name="time">For the age of what is kept.</param>
    /// <param name="logger">The log.</param>
    /// <param name="dotnet">The SDK's command; found by itself when null.</param>
    public ScriptBuilder(string cacheFolder, bool keepsCompiler, TimeProvider time, ILogger logger, DotnetCommand? dotnet = null)
    {
        _cacheFolder = cacheFolder;
        _cache = new ScriptCache(Path.Combine(cacheFolder, "handlers"), time, logger);
        _packages = new PackageResolver(Path.Combine(cacheFolder, "packages"), dotnet ?? new DotnetCommand(), time, logger);
        _logger = logger;
        _keepsCompiler = keepsCompiler;
    }

    /// <summary>Builds an assembly.</summary>
    /// <param name="files">The files, sorted by path.</param>
    /// <param name="baseType">Full name of the class whose descendants are looked for; null for a startup file.</param>
    /// <param name="startup">The startup file whose types the files may use, or null.</param>
    /// <param name="cancellationToken">Ends the build.</param>
    public async Task<BuiltScripts> BuildAsync(IReadOnlyList<SourceFile> files, string? baseType, StartupAssembly? startup, CancellationToken cancellationToken)
    {
        var problems = new List<HandlerProblem>();
        var texts = files.Where(file => IsText(file, problems)).ToArray();
        var directives = texts.SelectMany(file => DirectiveReader.Read(file, problems)).ToArray();
        directives = startup?.Reduce(directives, problems) ?? directives;
        var refusal = FindRefusal();
        var misread = problems.Select(static problem => problem.Source).ToHashSet(StringComparer.Ordinal);
        var packages = await _packages.ResolveAsync(
            Array.FindAll(directives, directive => !misread.Contains(directive.Path)),
            problems,
            refusal,
            cancellationToken);
        var refused = problems.Select(static problem => problem.Source).ToHashSet(StringComparer.Ordinal);

        var key = CacheKey.Of(files, refused, packages, baseType, startup?.Key);
        var references = packages?.References ?? [];
        var name = $"{(baseType is null ? "Startup" : "Handlers")}-{key[..8]}";
        var request = new CompileRequest(files, refused, startup?.Join(references) ?? references, baseType, name, startup?.Image ?? default);
        var started = Stopwatch.GetTimestamp();
        var scripts = refusal is null ? _cache.Find(key) : null;
        if (scripts is null)
        {
            scripts = Compile(request, cancellationToken);
            if (refusal is null)
            {
                _cache.Store(key, scripts);
            }

            ScriptingLog.Compiled(_logger, files.Count, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
        else
        {
            ScriptingLog.FoundCompiled(_logger, files.Count, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            WarmUp(request);
        }

        foreach (var warning in scripts.Warnings)
        {
            ScriptingLog.CompilerWarning(_logger, warning);
        }

        return new BuiltScripts(key, scripts, packages, directives, ProblemOrder.CausesFirst(problems.Concat(scripts.Problems)));
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_warmUp is not null)
        {
            await _warmUp.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        ReleaseCompiler();
        _stopping.Dispose();
    }

    private static bool IsText(SourceFile file, List<HandlerProblem> problems)
    {
        if (SourceEncoding.FindFault(file) is not { } fault)
        {
            return true;
        }

        problems.Add(fault);
        return false;
    }

    // Whoever can write below this folder decides which code this process runs.
    private string? FindRefusal()
    {
        try
        {
            var reason = PrivateFolder.Prepare(_cacheFolder, isOwn: true);
            if (reason is not null)
            {
                ScriptingLog.CacheRefused(_logger, _cacheFolder, reason);
            }

            return reason;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Those who keep something there find the same, and say it.
            return null;
        }
    }

    // The first compilation of a process takes seconds, most of it for the compiler's own code. Where changes are to show
    // at once, that is over before the first of them; what it gives is the same as the cache has, and is dropped.
    private void WarmUp(CompileRequest request)
    {
        if (_keepsCompiler && _warmUp is null)
        {
            _warmUp = Task.Run(() => Compile(request, _stopping.Token), _stopping.Token);
        }
    }

    // Not inlined: naming the compiler loads it, which is most of what a start from the cache saves.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private CompiledScripts Compile(CompileRequest request, CancellationToken cancellationToken)
    {
        if (_keepsCompiler)
        {
            lock (_compiling)
            {
                _compiler ??= new ScriptCompiler();
                return _compiler.Compile(request, cancellationToken);
            }
        }

        using var compiler = new ScriptCompiler();
        return compiler.Compile(request, cancellationToken);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReleaseCompiler() => _compiler?.Dispose();
}
