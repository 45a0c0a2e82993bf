namespace Ducts.Scripting;

/// <summary>Lists the namespaces that handler files and modules import implicitly.</summary>
public static class ImplicitUsings
{
    /// <summary>
    /// Gets the namespaces, sorted. The project file beside the handlers, which only editors use, lists the same ones.
    /// </summary>
    public static IReadOnlyList<string> Namespaces { get; } =
    [
        "Ducts",
        "Ducts.MessagePack",
        "Ducts.Redis",
        "Ducts.Topics",
        "Microsoft.AspNetCore.Authorization",
        "Microsoft.AspNetCore.Http",
        "Microsoft.AspNetCore.Mvc",
        "Microsoft.Extensions.Configuration",
        "Microsoft.Extensions.DependencyInjection",
        "Microsoft.Extensions.Logging",
        "System",
        "System.Collections.Generic",
        "System.IO",
        "System.Linq",
        "System.Net.Http",
        "System.Net.Http.Json",
        "System.Runtime.CompilerServices",
        "System.Security.Claims",
        "System.Text",
        "System.Text.Json",
        "System.Threading",
        "System.Threading.Channels",
        "System.Threading.Tasks",
    ];
}
