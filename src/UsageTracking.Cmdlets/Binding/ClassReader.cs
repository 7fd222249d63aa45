using System.Management.Automation;
using System.Reflection;
using UsageTracking.Metering;

namespace UsageTracking.Cmdlets.Binding;

/// <summary>
/// Reads objects of .NET classes, where one pipeline has many of one class, without PowerShell's walk over the properties of
/// each, which costs several times what reading them does.
/// </summary>
internal sealed class ClassReader
{
    // For fewer it does not pay to look at the class.
    private const int WorthIt = 32;

    // Whether somebody added members to this very object; there is no public way to ask. Null where a PowerShell has no such method.
    private static readonly MethodInvoker? HasOwnMembers = FindHasOwnMembers();

    private readonly Dictionary<Type, Shape> _shapes = [];

    /// <summary>Puts the values of an object into a record input.</summary>
    /// <returns>False where PowerShell has to be asked.</returns>
    /// <exception cref="UsageException">A value is present but unusable.</exception>
    public bool TryRead(object item, RecordInput record, IReadOnlySet<string> given)
    {
        object target = item is PSObject wrapped ? wrapped.BaseObject : item;
        if (HasOwnMembers is null || target is PSCustomObject)
            return false;

        if (!_shapes.TryGetValue(target.GetType(), out Shape? shape))
            _shapes.Add(target.GetType(), shape = new Shape());

        if (++shape.Seen == WorthIt)
            shape.Properties = Look(target);

        if (shape.Properties is null || HasOwnMembers.Invoke(null, item, null) is true)
            return false;

        try
        {
            foreach ((RecordReader.Field field, PropertyInfo property) in shape.Properties)
            {
                if (!given.Contains(field.Parameter))
                    field.Put(record, Unwrap.Base(property.GetValue(target)));
            }
        }
        catch (TargetInvocationException)
        {
            // The walk meets the same error, and says which property it was.
            return false;
        }

        return true;
    }

    /// <summary>The properties that matter, in their order; null where one of them is not simply one of the class.</summary>
    private static List<(RecordReader.Field Field, PropertyInfo Property)>? Look(object target)
    {
        var found = new List<(RecordReader.Field, PropertyInfo)>();
        foreach (PSPropertyInfo property in PSObject.AsPSObject(target).Properties)
        {
            if (!RecordReader.Fields.TryGetValue(property.Name, out RecordReader.Field? field))
                continue;

            if (property.MemberType != PSMemberTypes.Property
                || target.GetType().GetProperty(property.Name, BindingFlags.Instance | BindingFlags.Public) is not { CanRead: true } ofClass)
            {
                return null;
            }

            found.Add((field, ofClass));
        }

        return found;
    }

    private static MethodInvoker? FindHasOwnMembers() =>
        typeof(PSObject).GetMethod("HasInstanceMembers", BindingFlags.Static | BindingFlags.NonPublic) is { } method && method.GetParameters().Length == 2
            ? MethodInvoker.Create(method)
            : null;

    private sealed class Shape
    {
        public int Seen { get; set; }

        public List<(RecordReader.Field Field, PropertyInfo Property)>? Properties { get; set; }
    }
}
