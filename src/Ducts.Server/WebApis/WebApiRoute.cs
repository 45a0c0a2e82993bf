using System.Reflection;
using System.Text;
using Ducts.Handlers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Ducts.WebApis;

/// <summary>One <see cref="WebApiAttribute"/> of one handler.</summary>
/// <param name="Handler">The instance that answers.</param>
/// <param name="Candidate">Its id, key and source.</param>
/// <param name="Method">The method that answers.</param>
/// <param name="HttpMethod">In upper case, or <c>*</c>.</param>
/// <param name="Pattern">The whole path.</param>
internal sealed record WebApiRoute(DuctsHandler Handler, HandlerCandidate Candidate, MethodInfo Method, string HttpMethod, RoutePattern Pattern)
{
    public const string AnyMethod = "*";

    private static readonly string[] Bodiless =
        [HttpMethods.Get, HttpMethods.Head, HttpMethods.Delete, HttpMethods.Options, HttpMethods.Trace, HttpMethods.Connect];

    /// <summary>Gets the pattern's shape; see <see cref="ShapeOf"/>.</summary>
    public string Shape { get; } = ShapeOf(Pattern);

    /// <summary>Set on a GET whose path has no HEAD of its own.</summary>
    public bool AnswersHead { get; set; }

    /// <summary>Gets the HTTP methods for the endpoint's metadata; empty for any.</summary>
    public IReadOnlyList<string> HttpMethodNames => (HttpMethod, AnswersHead) switch
    {
        (AnyMethod, _) => [],
        (_, true) => [HttpMethod, HttpMethods.Head],
        _ => [HttpMethod],
    };

    /// <summary>Whether a parameter of a class is taken from the body without being marked.</summary>
    public bool MayHaveBody => !Bodiless.Contains(HttpMethod);

    /// <summary>The route as people name it.</summary>
    public override string ToString() => $"{HttpMethod} {Pattern.RawText}";

    /// <summary>What routing sees of a pattern: two patterns of one shape match the same paths, whatever they call their parameters.</summary>
    public static string ShapeOf(RoutePattern pattern)
    {
        var shape = new StringBuilder();
        foreach (var segment in pattern.PathSegments)
        {
            shape.Append('/');
            foreach (var part in segment.Parts)
            {
                switch (part)
                {
                    case RoutePatternLiteralPart literal:
                        shape.Append(literal.Content.ToUpperInvariant());
                        break;
                    case RoutePatternSeparatorPart separator:
                        shape.Append(separator.Content.ToUpperInvariant());
                        break;
                    case RoutePatternParameterPart parameter:
                        shape.Append('{').Append(parameter.IsCatchAll ? "*" : "").Append(parameter.IsOptional ? "?" : "");
                        shape.AppendJoin("", parameter.ParameterPolicies.Select(static policy => ":" + policy.Content)).Append('}');
                        break;
                }
            }
        }

        return shape.ToString();
    }
}

/// <summary>The Web APIs of one set of handlers.</summary>
/// <param name="Routes">Those that can be served.</param>
/// <param name="Problems">Those that cannot, and why.</param>
internal sealed record WebApiRoutes(IReadOnlyList<WebApiRoute> Routes, IReadOnlyList<RefusedHandler> Problems);
