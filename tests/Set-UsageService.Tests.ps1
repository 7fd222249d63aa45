BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Set-UsageService on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll { $script:store = New-TestStore -Kind $Kind }
        AfterAll { Remove-TestStore $store }

        It 'defines a service that records, reports and prices can use at once' {
            @(Set-UsageService email messages).Count | Should -Be 0
            Set-UsagePrice email 0.002
            Add-UsageRecord email 500
            $usage = Get-Usage email
            $usage.Quantity, $usage.Unit, $usage.Cost | Should -Be 500, messages, 1
            (Get-UsageService | Select-Object -Last 1).Service | Should -Be email
        }

        It 'counts bytes where told to, and comes back with -PassThru' {
            $service = Set-UsageService -Name backup -Unit GB -CountsBytes -SortOrder 0 -PassThru
            $service.Service, $service.Unit, $service.UnitCost, $service.BytesPerUnit | Should -Be backup, GB, 0, 1GB
            (Get-UsageService)[0].Service | Should -Be backup
            Set-UsageService backup -CountsBytes:$false
            (Get-UsageService backup).BytesPerUnit | Should -Be $null
        }

        It 'changes a unit until there are records, waiting ones included' {
            Set-UsageService sms texts
            Set-UsageService SMS messages
            (Get-UsageService sms).Unit | Should -Be messages
            Add-UsageRecord sms
            { Set-UsageService sms texts } | Should -Throw -ErrorId 'UnitFixed,*' -ExpectedMessage '*counted in messages*'
            { Set-UsageService sms -CountsBytes } | Should -Throw -ErrorId 'UnitFixed,*'
            # What changes nothing of the unit is no harm.
            Set-UsageService sms messages -SortOrder 3
            (Get-UsageService sms).Unit | Should -Be messages
        }

        It 'refuses <Problem>' -ForEach @(
            @{ Problem = 'a new service without a unit'; Given = @{ Service = 'fax' } }
            @{ Problem = 'wildcards'; Given = @{ Service = 'f*x'; Unit = 'pages' } }
            @{ Problem = 'blanks'; Given = @{ Service = ' '; Unit = 'pages' } }
            @{ Problem = 'a long name'; Given = @{ Service = 'f' * 101; Unit = 'pages' } }
            @{ Problem = 'a blank unit'; Given = @{ Service = 'fax'; Unit = ' ' } }
        ) {
            { Set-UsageService @Given -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidService,*'
            (Get-UsageService).Service | Should -Not -Contain fax
        }

        It 'changes nothing with -WhatIf' {
            Set-UsageService telex lines -WhatIf
            (Get-UsageService).Service | Should -Not -Contain telex
        }

        It 'takes objects down the pipeline' {
            [pscustomobject]@{ Service = 'p1'; Unit = 'a' }, [pscustomobject]@{ Name = 'p2'; Unit = 'b' } | Set-UsageService
            (Get-UsageService p1, p2).Unit | Should -Be a, b
        }
    }
}
