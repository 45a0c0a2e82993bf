using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ducts.Scripting.Compiling;

/// <summary>Finds which class belongs to which file, in a compilation without errors.</summary>
internal static class ScriptClassFinder
{
    private const string EventKeyName = "Ducts.EventKeyAttribute";

    public static IReadOnlyList<ScriptClass> Find(CSharpCompilation compilation, CompileRequest request)
    {
        var parent = compilation.GetTypeByMetadataName(request.BaseType);
        var roots = request.Files.Where(static file => file.IsRoot).Select(static file => file.Path).ToHashSet(StringComparer.Ordinal);
        var found = new List<ScriptClass>();
        foreach (var tree in compilation.SyntaxTrees.Where(tree => roots.Contains(tree.FilePath)))
        {
            var model = compilation.GetSemanticModel(tree);
            var seen = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
            foreach (var declaration in tree.GetRoot().DescendantNodes(static node => node is not MemberDeclarationSyntax || Contains(node)).OfType<TypeDeclarationSyntax>())
            {
                if (model.GetDeclaredSymbol(declaration) is { TypeKind: TypeKind.Class, IsAbstract: false, IsStatic: false } type
                    && DerivesFrom(type, parent)
                    && seen.Add(type))
                {
                    found.Add(Describe(type, declaration));
                }
            }
        }

        return found;
    }

    // Types are declared in namespaces and in types; the bodies of everything else need no visit.
    private static bool Contains(SyntaxNode node) => node is BaseNamespaceDeclarationSyntax or TypeDeclarationSyntax;

    private static bool DerivesFrom(INamedTypeSymbol type, INamedTypeSymbol? parent)
    {
        for (var at = type.BaseType; at is not null; at = at.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(at, parent))
            {
                return true;
            }
        }

        return false;
    }

    private static ScriptClass Describe(INamedTypeSymbol type, TypeDeclarationSyntax declaration)
    {
        var place = declaration.Identifier.GetLocation().GetLineSpan();
        var key = type.GetAttributes()
            .FirstOrDefault(static attribute => attribute.AttributeClass?.ToDisplayString() == EventKeyName)?
            .ConstructorArguments[0].Value as string;
        return new ScriptClass(
            place.Path,
            RuntimeName(type),
            type.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat),
            place.StartLinePosition.Line + 1,
            place.StartLinePosition.Character + 1,
            IsGeneric(type),
            key);
    }

    // As Assembly.GetType wants it; MetadataName has the mangled name of a file-local class.
    private static string RuntimeName(INamedTypeSymbol type)
    {
        if (type.ContainingType is { } outer)
        {
            return RuntimeName(outer) + "+" + type.MetadataName;
        }

        return type.ContainingNamespace.IsGlobalNamespace
            ? type.MetadataName
            : type.ContainingNamespace.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat.WithMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.None))
                + "." + type.MetadataName;
    }

    private static bool IsGeneric(INamedTypeSymbol type) =>
        type.TypeParameters.Length > 0 || (type.ContainingType is { } outer && IsGeneric(outer));
}
