BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Add-UsageCompute to $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll { $script:store = New-TestStore -Kind $Kind }
        AfterAll { Remove-TestStore $store }
        BeforeEach {
            $script:customer = 'c-' + [guid]::NewGuid().ToString('N')
            $script:my = @{ CustomerId = $customer }
        }

        It 'turns seconds into CPU-hours: <Seconds>' -ForEach @(
            @{ Seconds = 3600; Quantity = '1' }
            @{ Seconds = 1; Quantity = '0.000277777777777778' }
            @{ Seconds = '1.8'; Quantity = '0.0005' }
            @{ Seconds = 0; Quantity = '0' }
        ) {
            Add-UsageCompute $Seconds @my
            $null = Invoke-UsageFlush
            Invoke-Sql $store "select service_name, quantity from billing_usage_records where customer_id = '$customer'" | Should -Be "compute|$Quantity"
        }

        It 'takes a time span, and metadata by position after seconds' {
            Add-UsageCompute -CpuTime '01:30:00' -Metadata @{ job = 'a' } @my
            Add-UsageCompute 3600 @{ job = 'b' } @my
            Get-UsageRecord @my | Sort-Object Quantity | ForEach-Object { "$($_.Quantity) $($_.Metadata)" } |
                Should -Be '1 {"job":"b"}', '1.5 {"job":"a"}'
        }

        It 'takes objects with CpuSeconds or CpuTime down the pipeline' {
            [pscustomobject]@{ CpuSeconds = 1800; Metadata = '{"n":1}' }, [pscustomobject]@{ CpuTime = [timespan]::FromHours(2); Metadata = @{ n = 2 } } |
                Add-UsageCompute @my
            Get-UsageRecord @my | Sort-Object Quantity | ForEach-Object { "$($_.Quantity) $($_.Metadata.n)" } | Should -Be '0.5 1', '2 2'
        }

        It 'does not take both' {
            { Add-UsageCompute -CpuSeconds 1 -CpuTime 1 @my } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
        }

        It 'has one error for a bad item, and adds the others' {
            $items = foreach ($seconds in 3600, -1, '1,5', 3600) { [pscustomobject]@{ CpuSeconds = $seconds } }
            $items | Add-UsageCompute @my -ErrorAction SilentlyContinue -ErrorVariable problem
            Add-UsageCompute -CpuTime ([timespan]::FromSeconds(-1)) @my -ErrorAction SilentlyContinue -ErrorVariable +problem
            Add-UsageCompute 1 '[]' @my -ErrorAction SilentlyContinue -ErrorVariable +problem
            $problem.FullyQualifiedErrorId -replace ',.*' | Should -Be InvalidQuantity, InvalidQuantity, InvalidQuantity, InvalidMetadata
            (Get-Usage compute @my).Quantity | Should -Be 2
        }
    }
}
