using System.Collections.Immutable;
using Ducts.Handlers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Ducts.Scripting.Compiling;

/// <summary>The files left out of a compilation, and why: for errors of their own, or for want of a file left out before.</summary>
internal sealed class FallenFiles
{
    private readonly CSharpCompilation _all;
    private readonly HashSet<SyntaxTree> _trees = [];
    private readonly List<HandlerProblem> _problems = [];

    /// <param name="all">The compilation with every file, whose symbols say who needs whom.</param>
    /// <param name="refused">Paths of files that are out already, with problems of their own elsewhere.</param>
    public FallenFiles(CSharpCompilation all, IReadOnlySet<string> refused)
    {
        _all = all;
        _trees.UnionWith(all.SyntaxTrees.Where(tree => refused.Contains(tree.FilePath)));
    }

    public IEnumerable<SyntaxTree> Trees => _trees;

    /// <summary>One entry per error, causes first.</summary>
    public IReadOnlyList<HandlerProblem> Problems => ProblemOrder.CausesFirst(_problems);

    /// <summary>Leaves out what does not even parse: what the compiler would make of the rest of such a file is noise.</summary>
    public void AddSyntaxErrors(CancellationToken cancellationToken)
    {
        foreach (var tree in _all.SyntaxTrees.Where(tree => !_trees.Contains(tree)).ToArray())
        {
            var errors = tree.GetDiagnostics(cancellationToken).Where(Diagnostics.IsError).ToArray();
            if (errors.Length > 0)
            {
                _trees.Add(tree);
                _problems.AddRange(errors.Select(Diagnostics.ToProblem));
            }
        }
    }

    /// <summary>Leaves out the files that a compilation found errors in.</summary>
    /// <returns>False when no error has a file, so that leaving files out is no way on.</returns>
    public bool Add(ImmutableArray<Diagnostic> diagnostics, CancellationToken cancellationToken)
    {
        var byTree = diagnostics
            .Where(static diagnostic => Diagnostics.IsError(diagnostic) && !string.IsNullOrEmpty(diagnostic.Location.SourceTree?.FilePath))
            .GroupBy(static diagnostic => diagnostic.Location.SourceTree!)
            .OrderBy(static errors => errors.Key.FilePath, StringComparer.Ordinal)
            .ToArray();
        var fallenBefore = _trees.ToHashSet();
        foreach (var errors in byTree)
        {
            var reasons = new HashSet<SyntaxTree>();
            foreach (var error in errors)
            {
                var reason = fallenBefore.Count == 0 ? null : FindReason(error, fallenBefore, cancellationToken);
                if (reason is null)
                {
                    _problems.Add(Diagnostics.ToProblem(error));
                }
                else if (reasons.Add(reason))
                {
                    // One line per missing file: the errors that follow from it say nothing more.
                    _problems.Add(ProblemOrder.Consequence(Diagnostics.ToProblem(error), reason.FilePath));
                }
            }

            _trees.Add(errors.Key);
        }

        return byTree.Length > 0;
    }

    // What a name meant while every file was there says which file is missed now.
    private SyntaxTree? FindReason(Diagnostic error, HashSet<SyntaxTree> fallen, CancellationToken cancellationToken)
    {
        var tree = error.Location.SourceTree!;
        var node = tree.GetRoot(cancellationToken).FindNode(error.Location.SourceSpan, getInnermostNodeForTie: true);
        var model = _all.GetSemanticModel(tree);
        return Names(node)
            .Select(name => DeclaredIn(model.GetSymbolInfo(name, cancellationToken), fallen))
            .FirstOrDefault(static found => found is not null);
    }

    // An error about an overridden or called member is placed at that member; what it lacks may be named further out.
    private static IEnumerable<SimpleNameSyntax> Names(SyntaxNode node)
    {
        var inside = node.DescendantNodesAndSelf().OfType<SimpleNameSyntax>();
        var outside = node.FirstAncestorOrSelf<BaseTypeDeclarationSyntax>()?.BaseList?.DescendantNodes().OfType<SimpleNameSyntax>() ?? [];
        var around = node.FirstAncestorOrSelf<StatementSyntax>()?.DescendantNodes().OfType<SimpleNameSyntax>() ?? [];
        return inside.Concat(around).Concat(outside);
    }

    private static SyntaxTree? DeclaredIn(SymbolInfo info, HashSet<SyntaxTree> fallen)
    {
        IEnumerable<ISymbol> symbols = info.Symbol is { } symbol ? [symbol] : info.CandidateSymbols;
        return symbols.SelectMany(static found => TypesOf(found).Append(found))
            .Select(found => Missing(found, fallen))
            .FirstOrDefault(static tree => tree is not null);
    }

    // A member whose type is missing is as missing as the type.
    private static IEnumerable<ISymbol> TypesOf(ISymbol symbol) => symbol switch
    {
        ILocalSymbol local => [local.Type],
        IFieldSymbol field => [field.Type],
        IPropertySymbol property => [property.Type],
        IMethodSymbol method => [method.ReturnType, .. method.Parameters.Select(static parameter => parameter.Type)],
        INamedTypeSymbol { BaseType: { } parent } => [parent],
        _ => [],
    };

    private static SyntaxTree? Missing(ISymbol symbol, HashSet<SyntaxTree> fallen)
    {
        var declared = symbol.DeclaringSyntaxReferences;
        if (symbol is INamespaceSymbol && declared.Any(place => !fallen.Contains(place.SyntaxTree)))
        {
            return null;
        }

        return declared.Select(static place => place.SyntaxTree).FirstOrDefault(fallen.Contains);
    }
}
