namespace UsageTracking.Metering;

/// <summary>
/// Adds decimals exactly. It works in <see cref="decimal"/> as long as that loses nothing, which shows in the result's scale:
/// decimal arithmetic gives up decimals before it gives up anything else.
/// </summary>
public struct ExactSum
{
    private decimal _small;
    private ExactDecimal _large;
    private bool _isLarge;

    /// <summary>What has been added so far.</summary>
    public readonly ExactDecimal Value => _isLarge ? _large + _small : _small;

    /// <summary>Adds one number.</summary>
    public void Add(decimal value)
    {
        if (TryAdd(_small, value, out decimal sum))
        {
            _small = sum;
            return;
        }

        Add((ExactDecimal)value);
    }

    /// <summary>Adds quantity times price, without rounding the product.</summary>
    public void AddProduct(decimal quantity, decimal price)
    {
        if (TryMultiply(quantity, price, out decimal product))
            Add(product);
        else
            Add((ExactDecimal)quantity * price);
    }

    /// <summary>Adds a number of any length.</summary>
    public void Add(ExactDecimal value)
    {
        _large = Value + value;
        _small = 0;
        _isLarge = true;
    }

    private static bool TryAdd(decimal a, decimal b, out decimal sum)
    {
        try
        {
            sum = a + b;
            return sum.Scale == Math.Max(a.Scale, b.Scale);
        }
        catch (OverflowException)
        {
            sum = 0;
            return false;
        }
    }

    private static bool TryMultiply(decimal a, decimal b, out decimal product)
    {
        try
        {
            product = a * b;
            return product.Scale == a.Scale + b.Scale;
        }
        catch (OverflowException)
        {
            product = 0;
            return false;
        }
    }
}
