using System.Collections.Immutable;
using Ducts.Docs.Markdown;
using Ducts.Scripting;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ducts.Docs.Blocks;

/// <summary>
/// A C# block, compiled as its reader would: with the namespaces that are imported where it belongs, and nothing else. What it
/// is follows from what it holds: a file of handlers, a program, or statements of either; <c>members</c> and <c>test</c>
/// behind the fence name the rest.
/// </summary>
internal sealed class CSharpSample
{
    /// <summary>What statements find, as their guide says: the sample would drown in declarations otherwise.</summary>
    private const string HandlerGiven =
        "Ducts.Redis.IRedisClient redis, Ducts.IEventSession session, Ducts.IHandlerManager manager, Ducts.DuctsEvent e, System.Threading.CancellationToken token, System.Threading.CancellationToken cancellationToken";

    private const string ProgramGiven =
        "Microsoft.AspNetCore.Builder.WebApplicationBuilder builder, Microsoft.AspNetCore.Builder.WebApplication app, StackExchange.Redis.IConnectionMultiplexer multiplexer";

    // Imported by projects of Microsoft.NET.Sdk.Web.
    private static readonly string[] WebUsings =
    [
        "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Net.Http.Json", "System.Threading",
        "System.Threading.Tasks", "Microsoft.AspNetCore.Builder", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Http",
        "Microsoft.AspNetCore.Routing", "Microsoft.Extensions.Configuration", "Microsoft.Extensions.DependencyInjection",
        "Microsoft.Extensions.Hosting", "Microsoft.Extensions.Logging",
    ];

    // Of the test process, not of its readers: the compiler, the command, the tests.
    private static readonly string[] NotReferenced = ["Microsoft.CodeAnalysis", "ducts.", "Ducts.Docs"];

    // Of a sample, unused variables and awaits that are missing are no fault: it shows how a value is got, and leaves out the rest.
    // CS1701 and CS1702 are two versions of one assembly, unified.
    private static readonly ImmutableDictionary<string, ReportDiagnostic> Ignored =
        new[] { "CS0168", "CS0219", "CS1998", "CS8321", "CS1701", "CS1702" }.ToImmutableDictionary(static id => id, static _ => ReportDiagnostic.Suppress);

    private static readonly CSharpParseOptions Parsing = CSharpParseOptions.Default
        .WithLanguageVersion(LanguageVersion.CSharp14)
        .WithFeatures([new("FileBasedProgram", "true")]);

    private static readonly Lazy<IReadOnlyList<MetadataReference>> References = new(static () =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(static path => !NotReferenced.Any(name => Path.GetFileName(path).StartsWith(name, StringComparison.Ordinal)))
            .Select(static path => (MetadataReference)MetadataReference.CreateFromFile(path))
            .ToArray());

    private readonly CodeBlock _block;
    private readonly CompilationUnitSyntax _root;

    private CSharpSample(CodeBlock block)
    {
        _block = block;
        // A body of three dots is the reader's own.
        Text = block.Text.Replace("{ … }", "{ }", StringComparison.Ordinal);
        _root = (CompilationUnitSyntax)CSharpSyntaxTree.ParseText(Text, Parsing).GetRoot();
    }

    public string Text { get; }

    /// <summary>Gets whether the block is a file of the handler folder.</summary>
    public bool IsHandlerFile => !_block.Has("test") && !_block.Has("members") && !HasStatements && Derives("DuctsHandler") && !_root.Usings.Any(static line => line.Name?.ToString() == "Ducts");

    private bool HasStatements => _root.Members.Any(static member => member is GlobalStatementSyntax);

    private bool IsOfProgram => Text.Contains("builder.", StringComparison.Ordinal) || Text.Contains("app.", StringComparison.Ordinal) || _root.Usings.Any(static line => line.Name?.ToString() == "Ducts");

    public static CSharpSample Of(CodeBlock block) => new(block);

    /// <summary>Compiles the block.</summary>
    /// <param name="before">The blocks before it, where it says that it continues them.</param>
    /// <returns>What the compiler complains about; a line is one of the document.</returns>
    public IReadOnlyList<string> Compile(IEnumerable<CSharpSample> before)
    {
        var isProgram = IsOfProgram || _block.Has("test");
        var usings = (isProgram ? WebUsings : ImplicitUsings.Namespaces).Concat(_block.Has("test") ? ["Xunit"] : []);
        var trees = new List<SyntaxTree>
        {
            CSharpSyntaxTree.ParseText(string.Concat(usings.Select(static name => $"global using global::{name};\n")), Parsing),
            CSharpSyntaxTree.ParseText($"#line {_block.Line + 1} \"{_block.Document}\"\n{Wrapped(isProgram)}", Parsing),
        };
        if (_block.Has("continued"))
        {
            trees.AddRange(before.Where(static sample => !sample.HasStatements).Select(static sample => CSharpSyntaxTree.ParseText(sample.Text, Parsing)));
        }

        if (_block.Has("test"))
        {
            // The application under test, whose top-level program makes this class.
            trees.Add(CSharpSyntaxTree.ParseText("public partial class Program;", Parsing));
        }

        var kind = HasStatements && Wrapped(isProgram) == Text ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary;
        var options = new CSharpCompilationOptions(kind)
            .WithNullableContextOptions(NullableContextOptions.Enable)
            .WithSpecificDiagnosticOptions(Ignored);
        return CSharpCompilation.Create("Sample", trees, References.Value, options).GetDiagnostics()
            .Where(static diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning && !diagnostic.IsSuppressed)
            .Select(static diagnostic => diagnostic.ToString())
            .ToArray();
    }

    private bool Derives(string type) =>
        _root.Members.OfType<ClassDeclarationSyntax>().Any(member => member.BaseList?.Types.Any(known => known.Type.ToString() == type) == true);

    private string Wrapped(bool isProgram)
    {
        if (_block.Has("members"))
        {
            return $"public sealed class Sample : DuctsHandler {{\n#line {_block.Line + 1} \"{_block.Document}\"\n{Text}}}";
        }

        if (!HasStatements || Text.Contains("WebApplication.Create", StringComparison.Ordinal))
        {
            return Text;
        }

        // Declarations behind statements, as a file may have them, cannot stand in a method.
        var usings = string.Concat(_root.Usings.Select(static line => line.ToFullString()));
        var types = string.Concat(_root.Members.Where(static member => member is not GlobalStatementSyntax).Select(static member => member.ToFullString()));
        var statements = string.Concat(_root.Members.OfType<GlobalStatementSyntax>().Select(static member => member.ToFullString()));
        var line = _block.Line + 1 + _root.Usings.Count;
        return $"{usings}public static class Sample {{ public static async System.Threading.Tasks.Task RunAsync({(isProgram ? ProgramGiven : HandlerGiven)}) {{\n#line {line} \"{_block.Document}\"\n{statements}}} }}\n{types}";
    }
}
