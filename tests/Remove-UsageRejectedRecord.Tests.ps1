BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Remove-UsageRejectedRecord from $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $env:USAGE_AUTO_CREATE_CUSTOMER = 'false'
            $script:store = New-TestStore -Kind $Kind
        }
        AfterAll {
            $env:USAGE_AUTO_CREATE_CUSTOMER = $null
            Remove-TestStore $store
        }
        BeforeEach {
            Invoke-Sql $store 'delete from usage_rejected_records'
            1..4 | ForEach-Object { Add-UsageRecord api $_ -CustomerId nobody }
            $null = Invoke-UsageFlush -WarningAction SilentlyContinue
            # Their ids by quantity.
            $script:id = @{}
            Get-UsageRejectedRecord | ForEach-Object { $id[[int] $_.Quantity] = $_.Id }
            function Get-Left { Invoke-Sql $store 'select quantity from usage_rejected_records order by quantity' }
        }

        It 'removes by id, and writes nothing' {
            Remove-UsageRejectedRecord $id[1], $id[3] -Confirm:$false | Should -BeNullOrEmpty
            Get-Left | Should -Be 2, 4
        }

        It 'takes rejected records, and ids, from the pipeline' {
            Get-UsageRejectedRecord | Where-Object Quantity -GT 2 | Remove-UsageRejectedRecord -Confirm:$false
            $id[1] | Remove-UsageRejectedRecord -Confirm:$false
            Get-Left | Should -Be 2
        }

        It 'asks first, and removes nothing with -WhatIf' {
            [System.Management.Automation.CommandMetadata]::new((Get-Command Remove-UsageRejectedRecord)).ConfirmImpact | Should -Be High
            Get-UsageRejectedRecord | Remove-UsageRejectedRecord -WhatIf
            Get-Left | Should -Be 1, 2, 3, 4
        }

        It 'has an error for an id that is not there, and removes the others' {
            Remove-UsageRejectedRecord $id[1], 987654321, $id[2] -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem | Should -HaveCount 1
            $problem.FullyQualifiedErrorId | Should -BeLike 'RejectedRecordNotFound,*'
            $problem.CategoryInfo.Category | Should -Be ObjectNotFound
            $problem.TargetObject | Should -Be 987654321
            "$problem" | Should -BeLike '*987654321*Get-UsageRejectedRecord*'
            Get-Left | Should -Be 3, 4
        }

        It 'takes an id that is named twice once' {
            Remove-UsageRejectedRecord $id[1], $id[1] -Confirm:$false
            Get-Left | Should -Be 2, 3, 4
        }

        It 'removes what was mended and sent again' {
            Set-UsageCustomer acme
            $mended = Get-UsageRejectedRecord
            $mended | ForEach-Object { $_.CustomerId = 'acme'; $_ } | Add-UsageRecord
            (Invoke-UsageFlush).Committed | Should -Be 4
            $mended | Remove-UsageRejectedRecord -Confirm:$false
            Get-UsageRejectedRecord | Should -BeNullOrEmpty
            (Get-UsageRecord -CustomerId acme).Quantity | Sort-Object | Should -Be (1..4)
        }
    }
}

Describe 'Remove-UsageRejectedRecord' {
    It 'says that the store is away' {
        Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database away -ErrorAction SilentlyContinue
        try { { Remove-UsageRejectedRecord 1 -Confirm:$false } | Should -Throw -ErrorId 'StoreUnavailable,*' }
        finally { Disconnect-UsageStore }
    }
}
