using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ducts.Scripting.Compiling;

/// <summary>Finds which class belongs to which file, in a compilation without errors.</summary>
internal static class ScriptClassFinder
{
    private const string EventKeyName = "Ducts.EventKeyAttribute";

    /// <summary>Finds the classes in root files.</summary>
    public static IReadOnlyList<ScriptClass> Find(CSharpCompilation compilation, CompileRequest request) =>
        FindIn(compilation, request, isRoot: true, static (type, declaration) => Describe(type, declaration.Identifier.GetLocation().GetLineSpan()));

    /// <summary>Finds classes in other files, which nobody constructs, and which are no base of a class either.</summary>
    public static IReadOnlyList<ScriptClass> FindStray(CSharpCompilation compilation, CompileRequest request)
    {
        var stray = FindIn(compilation, request, isRoot: false, static (type, declaration) => (Type: type, Declaration: declaration));
        if (stray.Count == 0)
        {
            return [];
        }

        var bases = FindIn(compilation, request, isRoot: true, static (type, _) => type)
            .Concat(stray.Select(static found => found.Type))
            .Select(static type => type.BaseType?.OriginalDefinition)
            .ToHashSet(SymbolEqualityComparer.Default);
        return [.. stray.Where(found => !bases.Contains(found.Type)).Select(static found => Describe(found.Type, found.Declaration.Identifier.GetLocation().GetLineSpan()))];
    }

    private static List<T> FindIn<T>(CSharpCompilation compilation, CompileRequest request, bool isRoot, Func<INamedTypeSymbol, TypeDeclarationSyntax, T> select)
    {
        var parent = compilation.GetTypeByMetadataName(request.BaseType!);
        var paths = request.Files.Where(file => file.IsRoot == isRoot).Select(static file => file.Path).ToHashSet(StringComparer.Ordinal);
        var found = new List<T>();
        foreach (var tree in compilation.SyntaxTrees.Where(tree => paths.Contains(tree.FilePath)))
        {
            var model = compilation.GetSemanticModel(tree);
            var seen = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
            foreach (var declaration in tree.GetRoot().DescendantNodes(static node => node is not MemberDeclarationSyntax || Contains(node)).OfType<TypeDeclarationSyntax>())
            {
                if (model.GetDeclaredSymbol(declaration) is { TypeKind: TypeKind.Class, IsAbstract: false, IsStatic: false } type
                    && DerivesFrom(type, parent)
                    && seen.Add(type))
                {
                    found.Add(select(type, declaration));
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

    /// <summary>Describes a class by the place of the name that it was found by.</summary>
    public static ScriptClass Describe(INamedTypeSymbol type, FileLinePositionSpan place)
    {
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

    public static bool IsGeneric(INamedTypeSymbol type) =>
        type.TypeParameters.Length > 0 || (type.ContainingType is { } outer && IsGeneric(outer));
}
