namespace Ducts.MessagePack.Contracts;

/// <summary>When a member is left out of what is written.</summary>
internal enum IgnoreCondition
{
    Never,
    WhenNull,
    WhenDefault,
    Always,
}
