namespace Ducts.Configuration;

/// <summary>How an option's text is read, and what a template prints as its type.</summary>
internal enum OptionKind
{
    Text,
    Path,
    Boolean,
    Integer,
    Number,
    List,
    Map,

    /// <summary>Any other type of a handler's own options: a literal that System.Text.Json converts.</summary>
    Other,
}
