namespace Ducts;

/// <summary>Marks the parameter that receives the entries of a request's map that no other parameter binds.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ExtraAttribute : Attribute;
