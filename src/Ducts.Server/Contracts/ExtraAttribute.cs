namespace Ducts;

/// <summary>Marks the parameter that takes the names a request's map has and no other parameter binds.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ExtraAttribute : Attribute;
