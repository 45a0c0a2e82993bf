using System.Text;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Ducts.WebApis;

/// <summary>What routing sees of a pattern: two patterns of one shape match the same paths, whatever they call their parameters.</summary>
internal static class RouteShape
{
    public static string Of(RoutePattern pattern)
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
                        foreach (var policy in parameter.ParameterPolicies)
                            shape.Append(':').Append(policy.Content);
                        shape.Append('}');
                        break;
                }
            }
        }

        return shape.ToString();
    }
}
