namespace Ducts.Protocol;

/// <summary>The names of errors on the wire: Python exceptions, because Python clients evaluate the text.</summary>
internal static class ErrorNames
{
    public const string Key = "KeyError";
    public const string Value = "ValueError";
    public const string Type = "TypeError";
    public const string Permission = "PermissionError";
    public const string Timeout = "TimeoutError";
    public const string FileNotFound = "FileNotFoundError";
    public const string NotImplemented = "NotImplementedError";
    public const string Connection = "ConnectionError";
    public const string Runtime = "RuntimeError";

    public static readonly string[] All = [Key, Value, Type, Permission, Timeout, FileNotFound, NotImplemented, Connection, Runtime];

    public static bool IsKnown(string name) => Array.IndexOf(All, name) >= 0;
}
