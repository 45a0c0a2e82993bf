using Ducts.Handlers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ducts.Scripting.Compiling;

/// <summary>Finds the method of a startup file that is run, in a compilation without errors.</summary>
internal static class StartupMethodFinder
{
    public const string MethodName = "Configure";

    private const string Expected = "public static void Configure(WebApplicationBuilder builder)";
    private const string BuilderName = "Microsoft.AspNetCore.Builder.WebApplicationBuilder";

    /// <summary>Finds the class with the method.</summary>
    /// <param name="compilation">The compilation.</param>
    /// <param name="path">The file.</param>
    /// <param name="problem">Why there is not one; otherwise null.</param>
    public static IReadOnlyList<ScriptClass> Find(CSharpCompilation compilation, string path, out HandlerProblem? problem)
    {
        var builder = compilation.GetTypeByMetadataName(BuilderName);
        var methods = MethodsOf(compilation, path).ToArray();
        var fitting = methods.Where(method => Fits(method, builder)).ToArray();
        problem = fitting switch
        {
            [] => ExplainNone(path, methods),
            [var only] when ScriptClassFinder.IsGeneric(only.ContainingType) =>
                ProblemAt(only, $"{NameOf(only.ContainingType)} has type parameters; move Configure into a class without"),
            [_] => null,
            [_, var second, ..] => ProblemAt(second, $"the file has {fitting.Length} methods that could be run ({string.Join(", ", fitting.Select(static method => $"{NameOf(method.ContainingType)}.{MethodName}"))}); keep one"),
        };
        return problem is null ? [ScriptClassFinder.Describe(fitting[0].ContainingType, PlaceOf(fitting[0]))] : [];
    }

    private static IEnumerable<IMethodSymbol> MethodsOf(CSharpCompilation compilation, string path)
    {
        foreach (var tree in compilation.SyntaxTrees.Where(tree => tree.FilePath == path))
        {
            var model = compilation.GetSemanticModel(tree);
            foreach (var declaration in tree.GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>())
            {
                if (model.GetDeclaredSymbol(declaration) is { Name: MethodName, MethodKind: MethodKind.Ordinary } method)
                {
                    yield return method;
                }
            }
        }
    }

    private static bool Fits(IMethodSymbol method, ISymbol? builder) =>
        method is { IsStatic: true, ReturnsVoid: true, IsAsync: false, IsGenericMethod: false, Parameters: [{ RefKind: RefKind.None } only] }
        && SymbolEqualityComparer.Default.Equals(only.Type, builder);

    // A startup file may hold other classes with such a method, as IConfigureOptions<T> wants it: a static one was meant.
    private static HandlerProblem ExplainNone(string path, IReadOnlyList<IMethodSymbol> methods)
    {
        var meant = methods.FirstOrDefault(static method => method.IsStatic) ?? (methods is [var first, ..] ? first : null);
        return meant is null
            ? new HandlerProblem(path, 1, 1, $"the file has no method '{Expected}', which the server would run")
            : ProblemAt(meant, $"the server runs '{Expected}', and this method differs{(meant.IsAsync || !meant.ReturnsVoid ? ": it must return void and not be async" : meant.IsStatic ? "" : ": it is not static")}");
    }

    private static HandlerProblem ProblemAt(IMethodSymbol method, string message)
    {
        var place = PlaceOf(method);
        return new HandlerProblem(place.Path, place.StartLinePosition.Line + 1, place.StartLinePosition.Character + 1, message);
    }

    private static FileLinePositionSpan PlaceOf(IMethodSymbol method) => method.Locations[0].GetLineSpan();

    private static string NameOf(INamedTypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat);
}
