namespace Ducts.Scripting.Files;

/// <summary>The directives that mean something in a handler file.</summary>
internal enum DirectiveKind
{
    Package,
    Project,
}
