namespace Ducts.Docs.Markdown;

/// <summary>A fenced block of a document.</summary>
/// <param name="Document">The document's path in the repository.</param>
/// <param name="Line">The line of the opening fence, from 1.</param>
/// <param name="Language">The first word behind the fence; empty for none.</param>
/// <param name="Words">The further words, which rendered Markdown does not show.</param>
/// <param name="Text">What is between the fences, less the fence's own indentation.</param>
internal sealed record CodeBlock(string Document, int Line, string Language, IReadOnlyList<string> Words, string Text)
{
    /// <summary>Gets where the block is, as a name of a test.</summary>
    public string Place => $"{Document}:{Line}";

    public bool Has(string word) => Words.Contains(word);
}
