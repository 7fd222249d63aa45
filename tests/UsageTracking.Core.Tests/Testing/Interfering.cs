using System.Reflection;
using UsageTracking.Stores;

namespace UsageTracking.Tests.Testing;

/// <summary>A store, with something that happens just before one of its methods is called.</summary>
public class Interfering : DispatchProxy
{
    private IUsageStore _store = null!;
    private string _method = "";
    private Action _interfere = null!;

    public static IUsageStore Of(IUsageStore store, string method, Action interfere)
    {
        IUsageStore proxy = Create<IUsageStore, Interfering>();
        var itself = (Interfering)(object)proxy;
        (itself._store, itself._method, itself._interfere) = (store, method, interfere);
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == _method)
            _interfere();

        return targetMethod.Invoke(_store, args);
    }
}
