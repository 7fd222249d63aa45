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
    private static readonly MemberQuestion? OwnMembers = FindOwnMembers();

    private readonly Dictionary<Type, Shape> _shapes = [];

    /// <summary>Puts the values of an object into a record input.</summary>
    /// <returns>False where PowerShell has to be asked.</returns>
    /// <exception cref="UsageException">A value is present but unusable.</exception>
    public bool TryRead(object item, RecordInput record, IReadOnlySet<string> given)
    {
        object target = item is PSObject wrapped ? wrapped.BaseObject : item;
        if (OwnMembers is null || target is PSCustomObject)
            return false;

        if (!_shapes.TryGetValue(target.GetType(), out Shape? shape))
            _shapes.Add(target.GetType(), shape = new Shape());

        // A struct's getter wants a reference to it.
        if (++shape.Seen == WorthIt && !target.GetType().IsValueType)
            shape.Properties = Look(target);

        if (shape.Properties is null || OwnMembers.HasAny(item))
            return false;

        bool anyGiven = given.Count > 0;
        foreach ((RecordReader.Field field, Getter getter) in shape.Properties)
        {
            if (anyGiven && given.Contains(field.Parameter))
                continue;

            object? value;
            try
            {
                value = getter.Get(target);
            }
            catch (Exception)
            {
                // The walk meets the same error, and says which property it was.
                return false;
            }

            field.Put(record, Unwrap.Base(value));
        }

        return true;
    }

    /// <summary>The properties that matter, in their order; null where one of them is not simply one of the class.</summary>
    private static List<(RecordReader.Field Field, Getter Getter)>? Look(object target)
    {
        var found = new List<(RecordReader.Field, Getter)>();
        foreach (PSPropertyInfo property in PSObject.AsPSObject(target).Properties)
        {
            if (!RecordReader.Fields.TryGetValue(property.Name, out RecordReader.Field? field))
                continue;

            if (property.MemberType != PSMemberTypes.Property
                || target.GetType().GetProperty(property.Name, BindingFlags.Instance | BindingFlags.Public) is not { GetMethod: { IsPublic: true, ReturnType: { IsByRef: false, IsByRefLike: false, IsPointer: false } } getter })
            {
                return null;
            }

            found.Add((field, Getter.Of(getter)));
        }

        return found;
    }

    private static MemberQuestion? FindOwnMembers() =>
        typeof(PSObject).GetMethod("HasInstanceMembers", BindingFlags.Static | BindingFlags.NonPublic) is { } method
        && method.GetParameters() is [_, { ParameterType: { IsByRef: true } members }]
            ? (MemberQuestion)Activator.CreateInstance(typeof(MemberQuestion<>).MakeGenericType(members.GetElementType()!), method)!
            : null;

    // Delegates below, since invoking by reflection costs as much as all the rest.
    private abstract class MemberQuestion
    {
        public abstract bool HasAny(object item);
    }

    // The members are of an internal class, which only a type parameter can stand for.
    private sealed class MemberQuestion<TMembers>(MethodInfo method) : MemberQuestion
    {
        private readonly Question _question = method.CreateDelegate<Question>();

        private delegate bool Question(object item, out TMembers members);

        public override bool HasAny(object item) => _question(item, out _);
    }

    private abstract class Getter
    {
        public static Getter Of(MethodInfo method) =>
            (Getter)Activator.CreateInstance(typeof(Getter<,>).MakeGenericType(method.ReflectedType!, method.ReturnType), method)!;

        public abstract object? Get(object target);
    }

    private sealed class Getter<TClass, TValue>(MethodInfo method) : Getter
        where TClass : class
    {
        private readonly Func<TClass, TValue> _get = method.CreateDelegate<Func<TClass, TValue>>();

        public override object? Get(object target) => _get((TClass)target);
    }

    private sealed class Shape
    {
        public int Seen { get; set; }

        public List<(RecordReader.Field Field, Getter Getter)>? Properties { get; set; }
    }
}
