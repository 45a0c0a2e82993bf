using System.Diagnostics;
using System.Reflection;
using Ducts.Handlers;
using Ducts.Scripting.Compiling;
using Ducts.Scripting.Loading;
using Microsoft.AspNetCore.Builder;

namespace Ducts.Scripting;

/// <summary>
/// Represents the file <c>startup.cs</c> of a handler folder. As a service of the application, it lets the handlers of that folder
/// use the types that the file defines.
/// </summary>
public sealed class LoadedStartup
{
    private readonly string? _path;
    private readonly MethodInfo? _method;

    internal LoadedStartup(string folder, string fingerprint, IReadOnlyList<HandlerProblem> problems)
    {
        Folder = folder;
        Fingerprint = fingerprint;
        Problems = problems;
    }

    internal LoadedStartup(string folder, string fingerprint, ScriptClass found, StartupAssembly shared)
        : this(folder, fingerprint, [])
    {
        _path = found.Path;
        _method = shared.Assembly.GetType(found.TypeName, throwOnError: true)!.GetMethod(
            StartupMethodFinder.MethodName,
            BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly,
            [typeof(WebApplicationBuilder)]);
        Shared = shared;
    }

    /// <summary>Gets the problems of the file; empty if it is loaded, or if there is none.</summary>
    public IReadOnlyList<HandlerProblem> Problems { get; }

    /// <summary>Gets the assembly that the file was compiled into; null if there is no file, or if it has problems.</summary>
    public Assembly? Assembly => Shared?.Assembly;

    internal string Folder { get; }

    internal string Fingerprint { get; }

    internal StartupAssembly? Shared { get; }

    /// <summary>Runs the file's <c>Configure</c> method; does nothing where there is none.</summary>
    /// <param name="builder">The builder of the application.</param>
    /// <exception cref="StartupException">The method has thrown an exception.</exception>
    public void Configure(WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        try
        {
            _method?.CreateDelegate<Action<WebApplicationBuilder>>()(builder);
        }
        catch (Exception fault)
        {
            var line = new StackTrace(fault, fNeedFileInfo: true).GetFrames().FirstOrDefault(frame => frame.GetFileName() == _path)?.GetFileLineNumber() ?? 0;
            throw new StartupException(new HandlerProblem(_path!, line, 0, $"{StartupMethodFinder.MethodName} failed: {fault.GetType().Name}: {fault.Message}"), fault);
        }
    }
}
