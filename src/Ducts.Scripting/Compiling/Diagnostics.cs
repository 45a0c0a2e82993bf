using System.Globalization;
using Ducts.Handlers;
using Microsoft.CodeAnalysis;

namespace Ducts.Scripting.Compiling;

/// <summary>The compiler's diagnostics in this project's form.</summary>
internal static class Diagnostics
{
    private const string DuplicateType = "CS0101";

    public static bool IsError(Diagnostic diagnostic) => diagnostic.Severity == DiagnosticSeverity.Error;

    public static HandlerProblem ToProblem(Diagnostic diagnostic)
    {
        var span = diagnostic.Location.GetLineSpan();
        var start = span.StartLinePosition;
        return new HandlerProblem(span.Path ?? "", start.Line + 1, start.Character + 1, Text(diagnostic));
    }

    public static string Text(Diagnostic diagnostic)
    {
        var kind = diagnostic.Severity == DiagnosticSeverity.Error ? "error" : "warning";
        var hint = diagnostic.Id == DuplicateType
            ? " All files compile together: write 'file class' to keep a class to its own file."
            : "";
        return $"{kind} {diagnostic.Id}: {diagnostic.GetMessage(CultureInfo.InvariantCulture)}{hint}";
    }
}
