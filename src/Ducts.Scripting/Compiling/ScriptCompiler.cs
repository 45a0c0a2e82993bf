using System.Collections.Immutable;
using System.Text;
using Ducts.Handlers;
using Ducts.Scripting.Files;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;
using Microsoft.CodeAnalysis;

namespace Ducts.Scripting.Compiling;

/// <summary>
/// Compiles files into one assembly. A file with an error is left out, and so are those that cannot do without it;
/// the rest is compiled. What is parsed and opened stays for the next time.
/// </summary>
// Threading: one compilation at a time.
internal sealed class ScriptCompiler : IDisposable
{
    private static readonly CSharpParseOptions Parsing = CSharpParseOptions.Default
        .WithLanguageVersion(LanguageVersion.CSharp14)
        .WithDocumentationMode(DocumentationMode.None)
        .WithPreprocessorSymbols("NET", "NETCOREAPP", "NET8_0_OR_GREATER", "NET9_0_OR_GREATER", "NET10_0_OR_GREATER", "NET10_0", "DUCTS")
        // Lines that begin with #: are no errors then.
        .WithFeatures([new("FileBasedProgram", "true")]);

    private static readonly CSharpCompilationOptions Compiling = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary)
        .WithOptimizationLevel(OptimizationLevel.Release)
        .WithNullableContextOptions(NullableContextOptions.Enable)
        .WithDeterministic(true)
        // Two versions of one assembly, unified: nothing an author of a handler could change.
        .WithSpecificDiagnosticOptions([new("CS1701", ReportDiagnostic.Suppress), new("CS1702", ReportDiagnostic.Suppress)]);

    private static readonly EmitOptions Emitting = new(debugInformationFormat: DebugInformationFormat.Embedded);

    private static readonly SyntaxTree Usings = CSharpSyntaxTree.ParseText(
        string.Concat(ImplicitUsings.Namespaces.Select(static name => $"global using global::{name};\n")),
        Parsing,
        path: "",
        Encoding.UTF8);

    private readonly ReferenceSet _references = new();
    private Dictionary<string, (string Hash, SyntaxTree Tree)> _trees = new(StringComparer.Ordinal);

    public CompiledScripts Compile(CompileRequest request, CancellationToken cancellationToken)
    {
        // Opening the references waits for the disk, parsing for the compiler's code to be compiled itself.
        var parsing = Task.Run(() => Parse(request.Files, cancellationToken), cancellationToken);
        var references = _references.Get(request.References);
        if (!request.Startup.IsEmpty)
        {
            references = [.. references, MetadataReference.CreateFromImage([.. request.Startup.Span])];
        }

        var trees = parsing.GetAwaiter().GetResult();
        var all = CSharpCompilation.Create(request.AssemblyName, [Usings, .. trees], references, Compiling);
        var fallen = new FallenFiles(all, request.Refused);
        fallen.AddSyntaxErrors(cancellationToken);

        // Each round leaves at least one file out, so the loop ends; it is one round where nothing is wrong.
        while (true)
        {
            var current = all.RemoveSyntaxTrees(fallen.Trees);
            if (current.SyntaxTrees.Length == 1)
            {
                return new CompiledScripts(default, [], fallen.Problems, []);
            }

            using var image = new MemoryStream();
            var result = current.Emit(image, options: Emitting, cancellationToken: cancellationToken);
            if (result.Success && request.BaseType is null)
            {
                var startup = StartupMethodFinder.Find(current, request.Files[0].Path, out var problem);
                return new CompiledScripts(image.ToArray(), startup, problem is null ? [] : [problem], Warnings(result.Diagnostics));
            }

            if (result.Success)
            {
                var classes = ScriptClassFinder.Find(current, request);
                var stray = ScriptClassFinder.FindStray(current, request).Select(found => Stray(found, request.BaseType!));
                return new CompiledScripts(image.ToArray(), classes, fallen.Problems, [.. Warnings(result.Diagnostics), .. stray]);
            }

            if (!fallen.Add(result.Diagnostics, cancellationToken))
            {
                return new CompiledScripts(default, [], [.. fallen.Problems, .. Unplaced(request, result.Diagnostics)], []);
            }
        }
    }

    public void Dispose() => _references.Dispose();

    private SyntaxTree[] Parse(IReadOnlyList<SourceFile> files, CancellationToken cancellationToken)
    {
        var trees = new SyntaxTree[files.Count];
        Parallel.For(0, files.Count, new ParallelOptions { CancellationToken = cancellationToken }, at =>
        {
            var file = files[at];
            trees[at] = _trees.TryGetValue(file.Path, out var known) && known.Hash == file.Hash
                ? known.Tree
                : CSharpSyntaxTree.ParseText(
                    SourceText.From(file.Content, file.Content.Length, Encoding.UTF8, SourceHashAlgorithm.Sha256, canBeEmbedded: true),
                    Parsing,
                    file.Path,
                    cancellationToken);
        });
        _trees = Enumerable.Range(0, trees.Length).ToDictionary(at => files[at].Path, at => (files[at].Hash, trees[at]), StringComparer.Ordinal);
        return trees;
    }

    private static List<HandlerProblem> Warnings(ImmutableArray<Diagnostic> diagnostics) =>
        diagnostics.Where(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Warning && !diagnostic.IsSuppressed)
            .Select(static diagnostic => Diagnostics.ToProblem(diagnostic))
            .OrderBy(static problem => problem.Source, StringComparer.Ordinal)
            .ThenBy(static problem => problem.Line)
            .ToList();

    private static HandlerProblem Stray(ScriptClass found, string baseType) => new(
        found.Path,
        found.Line,
        found.Column,
        $"{found.Name} derives from {baseType[(baseType.LastIndexOf('.') + 1)..]}, but by the name of its file it is not loaded; rename the file, or make the class abstract if it is a base class");

    // An error without a place, as when an assembly referred to is broken, is everybody's.
    private static IEnumerable<HandlerProblem> Unplaced(CompileRequest request, ImmutableArray<Diagnostic> diagnostics)
    {
        var message = string.Join("; ", diagnostics.Where(Diagnostics.IsError).Select(Diagnostics.Text).Distinct(StringComparer.Ordinal));
        return request.Files.Where(static file => file.IsRoot).Select(file => new HandlerProblem(file.Path, 0, 0, message));
    }
}
